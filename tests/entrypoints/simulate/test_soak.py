"""A short soak: analyzers of all models on bad lines, every kind of process killed, and the books agree."""

import pytest

from aliquot.entrypoints.bench.soak.apart import run_apart
from aliquot.entrypoints.bench.soak.setting import suitable_models

pytestmark = pytest.mark.journey
KILLS, MESSAGES = 10, 5


def test_a_short_soak_with_kills_is_accounted_for_to_the_last_record() -> None:
    models, _ = suitable_models()
    analyzers = max(12, len(models))
    said: list[str] = []
    found = run_apart(
        {"analyzers": analyzers, "messages": MESSAGES, "kills": KILLS, "pause": 0.05, "seed": 20261122},
        keep=False,
        say=said.append,
    )

    assert found["differences"] == []
    assert sum(found["killed"].values()) == KILLS
    assert set(found["killed"]) == {"links", "worker", "database", "analyzers"}
    assert set(found["models"]) == set(models)
    assert sum(found["models"].values()) == analyzers
    assert len(found["faults"]) > 5
    assert found["messages"]["acknowledged"] >= analyzers * MESSAGES
    assert found["results"]["results"] == found["results"]["by_state"]["filed"] > analyzers * MESSAGES

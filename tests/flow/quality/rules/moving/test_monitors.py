"""What a monitor may be, and how it and its state are kept."""

import json
import math
from typing import Any

import pytest

from aliquot.flow.quality.rules.moving.live import follow
from aliquot.flow.quality.rules.moving.monitors import (
    Limits,
    Monitor,
    Procedure,
    State,
    Transform,
    Treatment,
    as_json,
    from_floats,
    from_json,
    with_limits,
)
from tests.flow.quality.rules.moving.monitors import KINDS, WIDE, monitor, named


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"block": 0}, "block"),
        ({"block": 10_001}, "block"),
        ({"procedure": Procedure.SD, "block": 1}, "block"),
        ({"procedure": Procedure.EWMA}, "lam"),
        ({"procedure": Procedure.EWMA, "lam": 0.0}, "lam"),
        ({"procedure": Procedure.EWMA, "lam": 1.01}, "lam"),
        ({"procedure": Procedure.EWMA, "lam": 0.1, "is_batched": True}, "is_batched"),
        ({"procedure": Procedure.BULL}, "start"),
        ({"start": math.inf}, "start"),
        ({"procedure": Procedure.OUTLIERS}, "normal"),
        ({"procedure": Procedure.OUTLIERS, "normal": WIDE, "transform": Transform.LOG}, "transform"),
        ({"percentile": 100.1}, "percentile"),
        ({"damping": 0.0}, "damping"),
        ({"treatment": Treatment.EXCLUDE}, "truncation"),
        ({"transform": Transform.BOX_COX}, "power"),
    ],
)
def test_a_monitor_that_cannot_work_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        Monitor(**{"procedure": Procedure.MEAN, "block": 5, **changes})


def test_limits_stand_in_order() -> None:
    with pytest.raises(ValueError, match=r"^limits: "):
        Limits(2.0, 1.0)


def test_truncation_limits_alone_cut_nothing() -> None:
    assert follow(monitor(block=1, truncation=WIDE), State(), [200.0])[2] == [200.0]


@pytest.mark.parametrize("one", [*KINDS, with_limits(KINDS[0], Limits(upper=5.0))], ids=named)
def test_a_monitor_is_kept_as_json(one: Monitor) -> None:
    assert from_json(json.loads(json.dumps(as_json(one)))) == one


def test_a_monitor_of_json_names_what_it_does_not_know() -> None:
    assert from_json({"procedure": "moving_average", "limits": [None, 5]}).limits == Limits(upper=5)
    with pytest.raises(ValueError, match=r"^colour: "):
        from_json({"procedure": "moving_average", "colour": "red"})
    with pytest.raises(ValueError, match="Procedure"):
        from_json({})


@pytest.mark.parametrize(
    "kept",
    [
        [],
        [1.0, 1.0, 0.0, 1.0],
        [math.nan, 1.0, 0.0, 1.0, 0.0, 1.0],
        [2.5, 1.0, 0.0, 1.0, 0.0, 1.0],
        [1.0, -1.0, 0.0, 1.0, 0.0, 1.0],
        [1.0, 1.0, 0.0, 1.0, 0.0],
        [9.0, 9.0, 0.0, 1.0, 0.0, *[1.0] * 6],
    ],
)
def test_a_state_of_another_monitor_is_refused(kept: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^state: "):
        from_floats(monitor(), kept)


def test_a_state_without_a_window_has_no_ring() -> None:
    one = monitor(Procedure.EWMA)
    assert from_floats(one, [9, 9, 0, 140.5, 0]) == State(9, 9, 0, 140.5)
    with pytest.raises(ValueError, match=r"^state: "):
        from_floats(one, [9, 9, 0, 140.5, 0, 140.0])

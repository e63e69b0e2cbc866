"""`aliquot bench federation --only replication`: a small measurement runs to its end, and both sides agree."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.commands.test_bench import bench


@pytest.mark.journey
def test_a_small_measurement_of_replication_agrees_with_itself(django_db_setup: None, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    small = ["--pace", "100", "--seconds", "2", "--cut", "2"]
    ended = bench("federation", "--only", "replication", *small, "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(out.read_text())["replication"]
    assert found["steady"]["rows"] == found["plain"]["rows"] == 200
    assert found["steady"]["lag"]["p99_ms"] > 0
    assert found["plain"]["lag"]["p99_ms"] > 0
    assert found["cut"]["results_meanwhile"] == 200
    assert found["cut"]["results_on_both_sides"] == found["first_copy"]["results"] + 400

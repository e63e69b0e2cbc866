"""The state of the analyzer."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.shapes import (
    Quality,
)
from tests.flow.verification.rules.evidences import (
    codes,
    decided,
)


@pytest.mark.parametrize(
    ("body", "changes", "expected"),
    [
        (Quality("q"), {}, []),
        (Quality("q", frozenset({"in_control"})), {}, ["qc_plan_missing"]),
        (Quality("q", frozenset({"in_control"})), {"qc_state": "in_control"}, []),
        (
            Quality("q"),
            {"is_calibrated": False, "is_reagent_valid": False},
            ["calibration_expired", "reagent_expired"],
        ),
        (
            Quality("q", calibration=False, reagent=False),
            {"is_calibrated": False, "is_reagent_valid": False},
            [],
        ),
        (None, {"is_calibrated": False}, ["calibration_expired"]),
    ],
)
def test_the_state_of_the_analyzer(
    body: Quality | None, changes: dict[str, Any], expected: list[str]
) -> None:
    assert codes(decided(*([body] if body else []), **changes)) == expected

"""Which patients a monitor counts."""

from typing import Any

import pytest

from aliquot.flow.quality.rules.moving.inclusion import Patient, counts

ADULT = Patient(ward="surgery", urgency="R", age_days=40 * 365)


@pytest.mark.parametrize(
    ("inclusion", "patient", "is_counted"),
    [
        ({}, ADULT, True),
        ({}, Patient(), True),
        ({"without_wards": ["dialysis"]}, ADULT, True),
        ({"without_wards": ["surgery"]}, ADULT, False),
        ({"urgencies": ["R"]}, ADULT, True),
        ({"urgencies": ["S"]}, ADULT, False),
        ({"least_age_days": 6570}, ADULT, True),
        ({"least_age_days": 14600}, ADULT, True),
        ({"least_age_days": 14601}, ADULT, False),
        ({"most_age_days": 14600}, ADULT, True),
        ({"most_age_days": 14599}, ADULT, False),
        ({"least_age_days": 0}, Patient(), False),
        ({"is_flagged": False}, Patient(flags=("normal",)), True),
        ({"is_flagged": False}, Patient(flags=("clot",)), False),
        ({"is_flagged": True}, Patient(flags=("clot",)), True),
    ],
)
def test_who_moves_a_monitor(inclusion: dict[str, Any], patient: Patient, *, is_counted: bool) -> None:
    assert counts(inclusion, patient) is is_counted

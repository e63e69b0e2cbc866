"""Critical values: which are, by when they are told, what is read back."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.results.rules.critical import due_at, repeats_value
from tests.factories import NOW


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({"urgency": "S", "is_inpatient": False}, 30),
        ({"urgency": "R", "is_inpatient": True}, 30),
        ({"urgency": "R", "is_inpatient": False}, 60),
    ],
)
def test_urgent_orders_and_wards_are_told_within_half_an_hour(changes: dict[str, Any], minutes: int) -> None:
    assert due_at(NOW, **changes) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("read_back", "value", "holds"),
    [
        ("potassium 6.9", "6.9", True),
        ("калий шесть и девять, 6,90", "6.9", True),
        ("less than 0.5, Petrova", "<0.5", True),
        ("6.8", "6.9", False),
        ("69", "6.9", False),
        ("16.9", "6.9", False),
        ("yes", "6.9", False),
        ("", "6.9", False),
        ("Gram-positive COCCI in chains", "gram-positive cocci", True),
        ("positive", "gram-positive cocci", False),
        ("anything", "", False),
        ("it is 007.0", "7", True),
    ],
)
def test_the_read_back_holds_the_digits_of_the_value(read_back: str, value: str, *, holds: bool) -> None:
    assert repeats_value(read_back, value) is holds

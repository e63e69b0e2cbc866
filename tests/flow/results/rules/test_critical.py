"""Critical values: which are, by when they are told, what is read back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.results.rules.autoverification import decide
from aliquot.flow.results.rules.critical import critical_limit, due_at, repeats_value
from tests.flow.results.rules.evidences import NOW, evidence, potassium


@pytest.mark.parametrize(
    ("comparator", "value", "limit"),
    [
        ("<", "2.8", "2.8"),
        ("<", "2.9", None),
        ("<=", "2.8", None),
        (">", "6.2", "6.2"),
        (">=", "6.2", None),
        (">=", "6.3", "6.2"),
        (">", "6.1", None),
        ("<", "7", None),
        (">", "1", None),
    ],
)
def test_a_value_with_a_sign_is_critical_only_when_surely_beyond(
    comparator: str, value: str, limit: str | None
) -> None:
    assert critical_limit(potassium(value, comparator=comparator)) == (Decimal(limit) if limit else None)


@pytest.mark.parametrize(
    "changes", [{"unit": "mg/dL"}, {"technical_high": Decimal(8)}, {"value": None}, {"value": Decimal("NaN")}]
)
def test_an_incredible_value_is_no_critical_value(changes: dict[str, Any]) -> None:
    changed = evidence(**{"value": Decimal(9), **changes})
    assert critical_limit(changed) is None
    assert decide(changed).critical is False


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

"""The delta check, at its edges."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.verification.rules.kinds.delta import delta_reasons
from tests.flow.verification.rules.evidences import HOUR, NOW, case


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"previous_value": Decimal("3.5"), "value": Decimal("4.2")}, []),  # exactly 20 %
        ({"previous_value": Decimal("3.49"), "value": Decimal("4.2")}, ["delta"]),
        ({"previous_value": Decimal("5.26"), "value": Decimal("4.2")}, ["delta"]),
        ({"previous_value": Decimal(0)}, ["delta_from_zero"]),
        ({"previous_value": Decimal(0), "value": Decimal(0)}, []),
        ({"previous_value": Decimal(9), "delta_percent": None}, []),
        ({"previous_value": Decimal(9), "delta_days": None}, []),
        ({"previous_value": Decimal(9), "comparator": "<"}, []),
        ({"previous_value": Decimal(9), "unit": "mg/dL"}, []),
        ({"previous_value": Decimal(9), "value": None}, []),
        ({"previous_value": Decimal(9), "collected_at": None}, []),
    ],
)
def test_the_delta_check_compares_percent(changes: dict[str, Any], expected: list[str]) -> None:
    changed = case(**{"previous_collected_at": NOW - 24 * HOUR, **changes})
    assert [one.code for one in delta_reasons(*changed)] == expected


@pytest.mark.parametrize(
    ("before", "is_compared"),
    [
        (timedelta(days=3), True),
        (timedelta(days=3, seconds=1), False),
        (timedelta(seconds=1), True),
        (timedelta(0), False),
        (timedelta(hours=-1), False),
    ],
)
def test_only_what_was_collected_earlier_and_within_the_window_is_compared(
    before: timedelta, *, is_compared: bool
) -> None:
    changed = case(previous_value=Decimal(9), previous_collected_at=NOW - HOUR - before)
    assert bool(delta_reasons(*changed)) is is_compared


def test_a_delta_names_its_figures() -> None:
    changed = case(value=Decimal("5.0"), previous_value=Decimal("4.0"), previous_collected_at=NOW - 49 * HOUR)
    assert delta_reasons(*changed)[0].as_json() == {
        "code": "delta",
        "percent": "25",
        "previous": "4",
        "days": "2",
        "limit": "20",
        "rule": "delta",
    }

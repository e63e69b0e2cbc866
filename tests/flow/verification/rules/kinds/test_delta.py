"""The delta check, at its edges."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.change import Check, Direction, Mode, delta
from aliquot.flow.verification.rules.kinds.delta import delta_reasons
from aliquot.flow.verification.rules.shapes import Delta
from tests.flow.verification.rules.evidences import HOUR, NOW, case, rule


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


MODES = {
    "absolute": Mode.ABSOLUTE,
    "percent": Mode.PERCENT,
    "rate": Mode.RATE,
    "rate_percent": Mode.RATE_PERCENT,
}
amounts = st.decimals(min_value=0, max_value=1000, places=2)


@given(
    st.sampled_from(sorted(MODES)),
    st.sampled_from(["both", "increase", "decrease"]),
    amounts,
    amounts,
    amounts,
    st.integers(1, 40),
)
def test_the_fast_check_of_every_result_agrees_with_the_calculation_that_screens_show(  # noqa: PLR0917 - drawn by name
    mode: Any, direction: Any, value: Decimal, earlier: Decimal, limit: Decimal, days: int
) -> None:
    body = Delta("d", mode, limit, limit, timedelta(days=30), direction)
    before = NOW - HOUR - timedelta(days=days)
    seen = case(rule(body, "K"), value=value, previous_value=earlier, previous_collected_at=before)
    check = Check(MODES[mode], limit, Direction(direction), Decimal(30))
    assert bool(delta_reasons(*seen)) is delta(check, earlier, value, Decimal(days)).is_flagged

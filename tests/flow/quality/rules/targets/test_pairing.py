"""Values of two lots that were measured in the same run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.quality.rules.targets.pairing import paired

DAY = datetime(2026, 11, 2, 7, tzinfo=UTC)
SHIFT = timedelta(hours=8)


def at(hours: float, value: int) -> tuple[datetime, Decimal]:
    return DAY + timedelta(hours=hours), Decimal(value)


def test_each_new_value_goes_with_the_nearest_old_one() -> None:
    old = [at(0, 10), at(24, 11), at(48, 12)]
    new = [at(24.5, 21), at(0.2, 20)]
    assert paired(old, new, within=SHIFT) == [(Decimal(10), Decimal(20)), (Decimal(11), Decimal(21))]


def test_what_has_no_partner_in_its_shift_is_left_out() -> None:
    assert paired([at(0, 10)], [at(8, 20), at(8.5, 21)], within=SHIFT) == [(Decimal(10), Decimal(20))]
    assert paired([at(0, 10)], [at(9, 20)], within=SHIFT) == []
    assert paired([], [at(0, 20)], within=SHIFT) == []


hours = st.lists(st.integers(0, 200), unique=True, max_size=12)


@given(hours, hours)
def test_no_value_is_taken_twice(old: list[int], new: list[int]) -> None:
    found = paired([at(one, one) for one in old], [at(one, one) for one in new], within=SHIFT)
    assert len({one for one, _new in found}) == len(found) == len({two for _old, two in found})
    assert all(abs(one - two) <= 8 for one, two in found)

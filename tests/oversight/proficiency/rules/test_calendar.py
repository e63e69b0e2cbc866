"""When rounds of a scheme are to be expected, and how one stands that is not there."""

from datetime import date

import pytest

from aliquot.oversight.proficiency.rules.calendar import Expected, expected, repeated


def test_the_day_of_the_month_is_kept_as_far_as_the_month_has_it() -> None:
    assert repeated(date(2027, 10, 31), 2, 4) == [
        date(2027, 10, 31),
        date(2027, 12, 31),
        date(2028, 2, 29),
        date(2028, 4, 30),
    ]
    assert repeated(date(2026, 12, 1), 12, 2) == [date(2026, 12, 1), date(2027, 12, 1)]


@pytest.mark.parametrize(("months", "count"), [(0, 1), (1, 0)])
def test_a_scheme_repeats(months: int, count: int) -> None:
    with pytest.raises(ValueError, match="one round or more"):
        repeated(date(2026, 1, 1), months, count)


@pytest.mark.parametrize(
    ("today", "stands"),
    [
        (date(2026, 2, 14), Expected.AHEAD),
        (date(2026, 2, 15), Expected.SOON),
        (date(2026, 3, 1), Expected.SOON),
        (date(2026, 3, 4), Expected.SOON),
        (date(2026, 3, 5), Expected.OVERDUE),
    ],
)
def test_a_parcel_may_take_three_days(today: date, stands: Expected) -> None:
    assert expected(date(2026, 3, 1), today) is stands

"""Months as numbers in the high bits of an id."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from aliquot.foundation.months.rules.calendar import SHIFT, Month


@pytest.mark.parametrize(
    ("text", "number"), [("2020-02", 1), ("2020-12", 11), ("2021-01", 12), ("2026-11", 82), ("2099-12", 959)]
)
def test_a_month_is_its_number_since_january_2020(text: str, number: int) -> None:
    month = Month.parse(text)
    assert month.number == number
    assert str(month) == text
    assert month.begin == datetime(int(text[:4]), int(text[5:]), 1, tzinfo=UTC)
    assert Month.of(month.begin) == month
    assert Month.of(month.begin - timedelta(microseconds=1)) == month.plus(-1)
    assert month.low == number * 2**40
    assert Month.of_id(month.low) == Month.of_id(month.plus(1).low - 1) == month


def test_a_month_is_that_of_utc() -> None:
    east = timezone(timedelta(hours=5))
    assert Month.of(datetime(2026, 12, 1, 4, 59, tzinfo=east)) == Month.parse("2026-11")
    assert Month.of(datetime(2026, 12, 1, 5, 0, tzinfo=east)) == Month.parse("2026-12")


@pytest.mark.parametrize(
    "text", ["2020-01", "2019-12", "2026-13", "2026-00", "2026-1", "x2026-11", "2026-11-01", ""]
)
def test_what_is_no_month_with_ids_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=text or "^$"):
        Month.parse(text)


def test_ids_of_before_carry_no_month() -> None:
    assert Month.of_id(2**SHIFT - 1) is None
    assert Month.of_id(2**SHIFT) == Month(1)


def test_months_are_added_and_ordered() -> None:
    assert Month.parse("2026-11").plus(2) == Month.parse("2027-01")
    assert Month.parse("2026-11") < Month.parse("2026-12")


def test_thirteen_whole_months_stay_before_the_current_one() -> None:
    now = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    assert str(Month.earliest_at_hand(now)) == "2025-10"

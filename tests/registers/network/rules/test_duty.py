"""Hours of duty: days, nights past midnight, and the whole day."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.network.rules.duty import is_on_duty

MONDAY = datetime(2026, 11, 23, 0, 0)  # noqa: DTZ001 - the site's own clock
DAY, NIGHT = (time(8), time(20)), (time(20), time(8))


@pytest.mark.parametrize(
    ("days", "hours", "hour", "there"),
    [
        ("1", DAY, 8, True),
        ("1", DAY, 19.99, True),
        ("1", DAY, 20, False),
        ("1", DAY, 7.99, False),
        ("2", DAY, 12, False),
        ("1", NIGHT, 20, True),
        ("1", NIGHT, 31.99, True),
        ("1", NIGHT, 32, False),
        ("1", NIGHT, 7, False),
        ("7", NIGHT, 7, True),
        ("1234567", (None, None), 3, True),
        ("2345", (None, None), 3, False),
        ("1", (time(8), time(8)), 3, True),
        ("", DAY, 9, False),
    ],
)
def test_who_is_there(days: str, hours: tuple[time | None, time | None], hour: float, *, there: bool) -> None:
    assert is_on_duty(days, *hours, MONDAY + timedelta(hours=hour)) is there


@given(st.times(), st.times(), st.integers(0, 7 * 24 * 60))
def test_day_and_night_take_turns(begins: time, ends: time, minute: int) -> None:
    local = MONDAY + timedelta(minutes=minute)
    if begins != ends:
        one = is_on_duty("1234567", begins, ends, local)
        assert one is not is_on_duty("1234567", ends, begins, local)

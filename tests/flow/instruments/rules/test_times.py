"""Times as devices write them: an offset is taken where it is one, and nothing is guessed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from aliquot.flow.instruments.rules.times import offset_of, read_time, zone_named

MOSCOW = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260302130000", datetime(2026, 3, 2, 10, 0, tzinfo=UTC)),
        ("20260302130000+0500", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        ("202603021300-03:30", datetime(2026, 3, 2, 16, 30, tzinfo=UTC)),
        ("20260302130000+9900", None),
        ("20260302130000+1500", None),
        ("20260302", None),
        ("20261302130000", None),
    ],
)
def test_a_time_has_its_own_offset_or_the_devices(text: str, expected: datetime | None) -> None:
    assert read_time(text, MOSCOW) == expected


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("20260302130000+0500", 5.0),
        ("20260302130000.123-0330", -3.5),
        ("20260302+0300", 3.0),
        ("15-11-2023", None),
        ("2026-03-0213", None),
        ("20260302130000+2023", None),
        ("20260302130000", None),
    ],
)
def test_the_offset_of_a_message_is_no_part_of_its_date(text: str, hours: float | None) -> None:
    found = offset_of(text)
    assert (found and found.utcoffset(None)) == (None if hours is None else timedelta(hours=hours))


def test_a_driver_names_no_zone_beyond_the_world() -> None:
    assert zone_named("+03:00") == MOSCOW
    assert zone_named("+20:00") is None
    assert zone_named("Mars/Olympus") is None

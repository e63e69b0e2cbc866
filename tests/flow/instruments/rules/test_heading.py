"""What a message says of itself before any driver reads it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.heading import Heading, heading_of

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("content", "control_id", "device_at"),
    [
        (
            b"H|\\^&|42||c311^1|||||host||P|1|20260302130000\rP|1\r",
            "42",
            datetime(2026, 3, 2, 10, tzinfo=UTC),
        ),
        (b"H\\!~\\7\\\\DxH\\\\\\\\\\\\\\P\\\\20260302130000", "7", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (
            b"\nMSH|^~\\&|a|b|||20260302130000.12+0400||OUL^R22|9|P|2.5.1\nPID|",
            "9",
            datetime(2026, 3, 2, 9, tzinfo=UTC),
        ),
        (b"MSH|^~\\&|a|b|||202603021300||ORU^R01|9\r", "9", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (b"MSH|^~\\&|a|b|||20260302||ORU^R01|9\r", "9", None),
        (b"H|\\^&|||x|||||||P||20261302130000", "", None),
        (b"H|\\^&|||x|||||||P||00010101000000+1400", "", None),
        (b"H", "", None),
        (b"", "", None),
        (b"R 001 0042 ...", "", None),
    ],
)
def test_the_first_record_names_the_message_and_its_time(
    content: bytes, control_id: str, device_at: datetime | None
) -> None:
    assert heading_of(content, MOSCOW) == Heading(control_id, device_at)


@given(st.binary(max_size=200), st.sampled_from([b"H|", b"MSH|", b"MSH", b"h^", b""]))
def test_no_bytes_are_too_strange(content: bytes, start: bytes) -> None:
    found = heading_of(start + content, MOSCOW)
    assert "\x00" not in found.control_id
    assert len(found.control_id) <= 200

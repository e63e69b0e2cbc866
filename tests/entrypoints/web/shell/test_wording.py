"""Numbers and times as a person reads them, in both languages."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from aliquot.entrypoints.web.shell.wording import number_text, time_hint, time_text

NOVOSIBIRSK = ZoneInfo("Asia/Novosibirsk")
AT = datetime(2026, 3, 12, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "english", "russian"),
    [
        (Decimal("5.45"), 1, "5.5", "5,5"),
        (Decimal("5.4"), 2, "5.40", "5,40"),
        (Decimal("5.40"), None, "5.40", "5,40"),
        (Decimal("1E+3"), None, "1000", "1000"),
        (4812, None, "4812", "4812"),
        (1234567, None, "1\u202f234\u202f567", "1\u202f234\u202f567"),
        (Decimal("-0.3"), 1, "\u22120.3", "\u22120,3"),
        (0.1, None, "0.1", "0,1"),
        ("<0.5", 1, "<0.5", "<0.5"),
        (None, None, "", ""),
        (Decimal("NaN"), 1, "NaN", "NaN"),
    ],
)
def test_number_in_both_languages(value: object, decimals: int | None, english: str, russian: str) -> None:
    with translation.override("en"):
        assert number_text(value, decimals) == english
    with translation.override("ru"):
        assert number_text(value, decimals) == russian


def test_a_change_shows_its_sign() -> None:
    with translation.override("en"):
        assert [number_text(Decimal(text), signed=True) for text in ("1.9", "-1.9", "0")] == [
            "+1.9",
            "\u22121.9",
            "0",
        ]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_no_digit_is_lost_without_decimals(value: Decimal) -> None:
    with translation.override("ru"):
        text = number_text(value)
    assert Decimal(text.replace("\u202f", "").replace("\u2212", "-").replace(",", ".")) == value


def test_time_is_in_the_zone_of_the_site() -> None:
    with translation.override("en"):
        assert time_text(AT, NOVOSIBIRSK) == "13 Mar, 03:05"
        assert time_hint(AT, NOVOSIBIRSK) == "13 Mar 2026, 03:05 Asia/Novosibirsk (UTC+07:00)"
    with translation.override("ru"):
        assert time_text(AT, NOVOSIBIRSK, "day") == "13 мар 2026"

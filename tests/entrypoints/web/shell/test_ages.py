"""Dates and ages as documents print them."""

from datetime import date

import pytest
from django.utils import translation

from aliquot.entrypoints.web.shell.wording import age_text, day_text


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(1986, 11, 22), "40 years old"),
        (date(1986, 11, 23), "39 years old"),
        (date(2025, 11, 1), "12 months old"),
        (date(2026, 11, 21), "1 day old"),
    ],
)
def test_age(born: date, words: str) -> None:
    assert age_text(born, date(2026, 11, 22)) == words


def test_age_and_day_in_russian() -> None:
    with translation.override("ru"):
        assert age_text(date(1984, 5, 1), date(2026, 11, 22)) == "42 года"
        assert day_text(date(1986, 3, 4)) == "04.03.1986"

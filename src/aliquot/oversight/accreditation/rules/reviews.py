"""What a management review looks at, when it may be signed, what of it is overdue.

The inputs stand in ../data/review.toml: ISO 15189:2022, 8.9.2, a) to j), general knowledge, each with the
inputs of 15189:2012, 4.15.2, a) to o), that it holds. What a review must bring: 8.9.3.
"""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Input:
    """`figures` are counted by the software; `missing_*` says what people bring themselves."""

    letter: str
    name_en: str
    name_ru: str
    of_2012: str
    figures: tuple[str, ...] = ()
    missing_en: str = ""
    missing_ru: str = ""


def read_inputs(text: str, known: Collection[str]) -> list[Input]:
    """The inputs of a TOML document, in its order; ValueError for a figure that nobody counts."""
    found = [
        Input(**{**one, "figures": tuple(one.get("figures", ()))}) for one in tomllib.loads(text)["input"]
    ]
    for one in found:
        if unknown := sorted(set(one.figures) - set(known)):
            raise ValueError(f"{one.letter}: nobody counts {', '.join(unknown)}")
    return found


def span_before(since: date, until: date) -> tuple[date, date]:
    """The equally many months before a span of whole months: its first day and the first day after it."""
    months = _number(until) - _number(since)
    return shifted(since, -months), since


def shifted(month: date, count: int) -> date:
    """The first day of the month so many later, or earlier when negative."""
    number = _number(month) + count
    return date(number // MONTHS_OF_A_YEAR, number % MONTHS_OF_A_YEAR + 1, 1)


def why_not_reviewed(since: date, until: date, today: date) -> str:
    """Why these months cannot be reviewed: "" or one of months, order, future."""
    if since.day != 1 or until.day != 1:
        return "months"
    if until <= since:
        return "order"
    return "future" if until > today else ""


def why_not_signed(kinds: Collection[str], unremarked: Collection[str]) -> str:
    """Why a review cannot be signed yet: "" or one of outputs, silent.

    `kinds` of its entries; `unremarked` are inputs of which the software holds nothing and nobody
    said a word.
    A review without a decision or an action decides nothing. Source: ISO 15189:2022, 8.9.3.
    """
    if not {"decision", "action"} & set(kinds):
        return "outputs"
    return "silent" if unremarked else ""


def is_overdue(due_on: date, today: date, *, is_done: bool) -> bool:
    """Whether an action should have been done before today."""
    return not is_done and due_on < today


def _number(month: date) -> int:
    return month.year * MONTHS_OF_A_YEAR + month.month - 1

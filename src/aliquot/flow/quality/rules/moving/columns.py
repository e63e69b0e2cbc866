"""A history as people keep it: a column of days and one of results, in the order of measurement."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aliquot.flow.quality.rules.moving.design import Days, by_day
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

COLUMNS: dict[str, tuple[str, ...]] = {
    "day": ("date", "time", "datetime", "measured", "measured at", "дата", "день", "время"),
    "value": ("result", "x", "значение", "результат"),
}
"""The columns that are read, and their other spellings."""

NAMED_AT_MOST = 10
_RUSSIAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class History:
    """Results day by day, the first and last day as written, and rows that are left out: their lines."""

    days: Days
    first: str
    last: str
    unusable: tuple[int, ...]

    @property
    def results(self) -> int:
        return sum(len(one) for one in self.days)


def history_of(days: Sequence[str], values: Sequence[str], lines: Sequence[int]) -> History:
    """The history in these columns; `lines` are the numbers of the rows for a person.

    A result beyond the measuring range (<0.5, >120) counts as its limit. A row without a day or a number is
    left out. InputError when nothing is left, or the results of a day stand apart.
    """
    read = [(day_of(day), number_of(value)) for day, value in zip(days, values, strict=True)]
    usable = [(day, value) for day, value in read if day and not math.isnan(value)]
    unusable = tuple(
        line for line, (day, value) in zip(lines, read, strict=True) if not day or math.isnan(value)
    )
    if not usable:
        raise InputError("value: no row has a day and a number; give the columns day and value.")
    labels = [day for day, _ in usable]
    try:
        found = by_day(labels, [value for _, value in usable])
    except ValueError as fault:
        raise InputError(str(fault)) from fault
    return History(found, labels[0], labels[-1], unusable)


def day_of(text: str) -> str:
    """The day in a date with or without a time: 2026-03-01T08:15, 01.03.2026 08:15; else the text itself."""
    text = text.strip()
    if _ISO.match(text):
        return text[:10]
    if found := _RUSSIAN.match(text):
        day, month, year = (int(one) for one in found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return ""
    return text


def number_of(text: str) -> float:
    """With a decimal point or comma; the limit of a result beyond the measuring range; NaN for all else."""
    cleaned = re.sub(r"\s", "", text).replace("−", "-").replace(",", ".").lstrip("<>≤≥=")
    try:
        found = float(cleaned)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan

"""Read what is stated of allowable errors: a table of CSV or TOML, or a form; every fault has its place."""

import csv
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from aliquot.registers.catalogue.rules.allowable import FACTORS, Allowable, Kind, of_variation

VARIATION = ("within_cv", "between_cv")
LIMITS = ("total_percent", "total", "bias_percent", "cv_percent")
COLUMNS = ("test", "since", "kind", *VARIATION, *LIMITS, "approximate", "source")
NEEDED = ("test", "since", "kind", "source")
MOST_PERCENT = Decimal(1000)
LARGEST = Decimal(10) ** 8
YES, NO = frozenset({"y", "yes", "true", "1"}), frozenset({"", "n", "no", "false", "0"})
DAYS = ("%Y-%m-%d", "%d.%m.%Y")
FIRST_DAY = date(2000, 1, 1)
KINDS = {one.value: one for one in Kind}
TABLE = "allowable"
"""The name of each entry in TOML: [[allowable]]."""


class Wrong(StrEnum):
    """What is wrong with a cell, a row or a table."""

    NO_TABLE = "no_table"
    NO_COLUMN = "no_column"
    UNKNOWN_COLUMN = "unknown_column"
    EMPTY = "empty"
    NO_TEST = "no_test"
    NO_DAY = "no_day"
    NO_KIND = "no_kind"
    NO_NUMBER = "no_number"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    NO_FLAG = "no_flag"
    NOT_BOTH = "not_both"
    NOTHING = "nothing"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its line (0: the whole table), its column, what is wrong, and what stands there."""

    line: int
    column: str
    wrong: Wrong
    value: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """What is allowed of a test from a day on; `within` and `between` where it follows from them."""

    test: str
    since: date
    kind: Kind
    allowed: Allowable
    source: str
    is_approximate: bool = False
    within: Decimal | None = None
    between: Decimal | None = None


def read_table(name: str, text: str, tests: Collection[str]) -> tuple[list[Stated], list[Fault]]:
    """What a table states, and every fault of it. `tests` are the codes of the catalogue.

    The name ends with .toml (`[[allowable]]` for each), else it is CSV with commas or semicolons. Lines are
    counted as an editor does; of TOML the entries from 1.
    """
    try:
        rows = list(_of_toml(text) if name.lower().endswith(".toml") else _of_csv(text))
    except (tomllib.TOMLDecodeError, csv.Error, TypeError) as fault:
        return [], [Fault(0, "", Wrong.NO_TABLE, str(fault))]
    if faults := _columns(rows):
        return [], faults
    read = [read_row(row, tests, line=line) for line, row in rows]
    stated = [one for one, _ in read if one is not None]
    lines = [line for (line, _), (one, _) in zip(rows, read, strict=True) if one is not None]
    return stated, [fault for _, found in read for fault in found] + _repeated(lines, stated)


def read_row(
    row: Mapping[str, str], tests: Collection[str], *, line: int = 0
) -> tuple[Stated | None, list[Fault]]:
    """What one row states, or all that is wrong with it."""
    cells = _Cells(row, line)
    code, source, since, kind = (
        cells.code(tests),
        cells.text("source"),
        cells.day("since"),
        cells.kind("kind"),
    )
    numbers = {one: cells.number(one) for one in (*VARIATION, *LIMITS)}
    is_approximate = cells.flag("approximate")
    if kind is not None:
        cells.fit(kind, numbers)
    if cells.faults or since is None or kind is None:
        return None, cells.faults
    within, between = (numbers[one] for one in VARIATION)
    allowed = Allowable(*(numbers[one] for one in LIMITS))
    if within is not None and between is not None:
        allowed = of_variation(within, between, kind)
    return Stated(code, since, kind, allowed, source, is_approximate, within, between), []


@dataclass(slots=True)
class _Cells:
    """The cells of a row; what is wrong is gathered."""

    row: Mapping[str, str]
    line: int
    faults: list[Fault] = field(default_factory=list)

    def text(self, column: str) -> str:
        """What stands there; a fault where it is needed and nothing does."""
        found = (self.row.get(column) or "").strip()
        if not found and column in NEEDED:
            self._fault(column, Wrong.EMPTY)
        return found

    def code(self, tests: Collection[str]) -> str:
        found = self.text("test").upper()
        if found and found not in tests:
            self._fault("test", Wrong.NO_TEST)
        return found

    def day(self, column: str) -> date | None:
        found = self.text(column)
        for form in DAYS if found else ():
            try:
                day = datetime.strptime(found, form).date()  # noqa: DTZ007 - a day has no clock
            except ValueError:
                continue
            if day >= FIRST_DAY:
                return day
        if found:
            self._fault(column, Wrong.NO_DAY)
        return None

    def kind(self, column: str) -> Kind | None:
        found = self.text(column)
        if found and found not in KINDS:
            self._fault(column, Wrong.NO_KIND)
        return KINDS.get(found)

    def number(self, column: str) -> Decimal | None:
        found = self.text(column).replace(" ", "").replace("\u00a0", "").replace(",", ".")
        if not found:
            return None
        try:
            number = Decimal(found)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            self._fault(column, Wrong.NO_NUMBER)
        elif number <= 0:
            self._fault(column, Wrong.NOT_POSITIVE)
        elif number >= (LARGEST if column == "total" else MOST_PERCENT):
            self._fault(column, Wrong.TOO_LARGE)
        return number

    def flag(self, column: str) -> bool:
        found = self.text(column).casefold()
        if found not in YES | NO:
            self._fault(column, Wrong.NO_FLAG)
        return found in YES

    def fit(self, kind: Kind, numbers: Mapping[str, Decimal | None]) -> None:
        """Either the variation, for a kind that follows from it, or limits; not both, not neither."""
        follows = kind in FACTORS
        needed, others = (VARIATION, LIMITS) if follows else (LIMITS, VARIATION)
        given = [one for one in needed if numbers[one] is not None]
        for column in others:
            if numbers[column] is not None:
                self._fault(column, Wrong.NOT_BOTH)
        if not given or (follows and len(given) < len(needed)):
            missing = next(one for one in needed if numbers[one] is None)
            self._fault(missing, Wrong.EMPTY if follows else Wrong.NOTHING)

    def _fault(self, column: str, wrong: Wrong) -> None:
        self.faults.append(Fault(self.line, column, wrong, (self.row.get(column) or "").strip()))


def _of_csv(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    plain = text.removeprefix("\ufeff")
    head = plain.partition("\n")[0]
    reader = csv.DictReader(
        plain.splitlines(), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True
    )
    for row in reader:
        if any(row.values()):
            yield reader.line_num, {(name or "").strip(): str(cell or "") for name, cell in row.items()}


def _of_toml(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    entries = tomllib.loads(text, parse_float=Decimal).get(TABLE, [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise TypeError(f"[[{TABLE}]]")
    for place, entry in enumerate(entries, start=1):
        yield place, {name: str(value) for name, value in entry.items()}


def _columns(rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[Fault]:
    """What the table lacks: rows, columns; and columns that nobody knows, where they come first."""
    if not rows:
        return [Fault(0, "", Wrong.NO_TABLE)]
    first: dict[str, int] = {}
    for line, row in rows:
        for name in row:
            first.setdefault(name, line)
    missing = [Fault(0, name, Wrong.NO_COLUMN) for name in NEEDED if name not in first]
    unknown = [Fault(line, name, Wrong.UNKNOWN_COLUMN) for name, line in first.items() if name not in COLUMNS]
    return missing + unknown


def _repeated(lines: Sequence[int], stated: Sequence[Stated]) -> list[Fault]:
    """A test twice from the same day on."""
    seen: set[tuple[str, date]] = set()
    found = []
    for line, one in zip(lines, stated, strict=True):
        if (one.test, one.since) in seen:
            found.append(Fault(line, "test", Wrong.TWICE, one.test))
        seen.add((one.test, one.since))
    return found

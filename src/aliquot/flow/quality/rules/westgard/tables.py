"""A table of control results as people keep it: runs of points, and what of it could not be used.

Columns: run, level, value, mean, sd; or run, level, z. Optional: lot. Mean and SD may stand in one row of a
level (and lot) or in all; a level that lacks the column is the only one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from aliquot.flow.quality.rules.given import is_measurable
from aliquot.flow.quality.rules.reasons import Reason, gettext_noop, reason
from aliquot.flow.quality.rules.westgard.evaluation import Point, standardised
from aliquot.foundation.sheets import Cell, Table
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

COLUMNS: dict[str, tuple[str, ...]] = {
    "run": ("series", "batch", "date", "day", "time", "серия", "прогон", "дата", "день", "№ серии"),
    "level": ("control", "material", "control level", "уровень", "контроль", "материал"),
    "value": ("result", "measured", "значение", "результат", "x"),
    "mean": ("target", "xm", "average", "среднее", "цель", "целевое значение"),
    "sd": ("s", "stdev", "standard deviation", "ско", "со", "стандартное отклонение"),
    "z": ("z score", "zscore", "sdi", "z-балл", "z-оценка"),
    "lot": ("lot number", "control lot", "лот", "партия", "серия контроля"),
    "test": ("analyte", "assay", "тест", "показатель", "исследование"),
    "analyzer": ("analyser", "instrument", "анализатор", "прибор"),
}
"""The columns that are read, and their other spellings."""

LACKS = gettext_noop("%(field)s lacks in %(place)s: fill it in, or leave the row out.")
HALF_A_TARGET = gettext_noop("%(field)s lacks in %(place)s: give both mean and sd in the row, or neither.")
NOT_NUMBER = gettext_noop(
    "%(place)s: %(found)s is no number in the column %(field)s; correct it or leave the row out."
)
SD_NOT_ABOVE = gettext_noop("%(place)s: an SD is above zero, not %(found)s; correct it.")
NO_TARGET = gettext_noop(
    "%(place)s: level %(level)s has no %(field)s; give mean and sd in one row of the level at least."
)
TWO_TARGETS = gettext_noop(
    "%(place)s: level %(level)s of lot %(lot)s has two targets, %(field)s %(found)s here and %(known)s in"
    " %(other)s; correct one of them, or name the other lot in the column lot."
)
NOT_MEASURED = gettext_noop(
    "Run %(run)s: level %(level)s was not measured; the rules go on with what is there."
)
NO_COLUMN = gettext_noop(
    "The table has no column %(field)s; needed are run, value, mean and sd, or run and z."
)
SEVERAL = gettext_noop("The column %(field)s names %(found)s; give one of them a table of its own.")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said about a field of a row of the table; row 0 where no row is at fault."""

    field: str
    row: int
    reason: Reason

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.reason.message


@dataclass(frozen=True, slots=True)
class Series:
    """Runs in their order with the points that could be used, names of runs and levels as written, remarks.

    `runs[i]` are the points of the run named `names[i]`, numbered i + 1; points speak of levels by their
    place in `levels`, from 1. `faults` are rows that were left out, `missing` levels that a run lacks.
    """

    names: tuple[str, ...]
    levels: tuple[str, ...]
    runs: tuple[tuple[Point, ...], ...]
    faults: tuple[Remark, ...]
    missing: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class _Measured:
    run: str
    level: str
    z: Decimal


@dataclass(frozen=True, slots=True)
class _Target:
    mean: Decimal
    sd: Decimal
    cells: Mapping[str, Cell]


class _Unusable(Exception):  # noqa: N818 - carries the remark about a row, and never leaves this module
    def __init__(self, remark: Remark) -> None:
        super().__init__(remark.message)
        self.remark = remark


def series_of(table: Table) -> Series:
    """The runs of a table, rows that cannot be used left out and named; InputError for one of no use."""
    _refuse_unusable(table)
    faults: list[Remark] = []
    targets = _targets(table.rows, faults) if {"mean", "sd"} <= table.columns else {}
    spoiled = {one.row for one in faults}
    measured = []
    for row in table.rows:
        if _row_number(row) in spoiled:
            continue
        try:
            measured.append(_measured(row, targets, table.columns))
        except _Unusable as unusable:
            faults.append(unusable.remark)
    return _arranged(measured, tuple(sorted(faults, key=lambda one: one.row)))


def _refuse_unusable(table: Table) -> None:
    needed = {"run", "z"} if "value" not in table.columns else {"run", "value", "mean", "sd"}
    for field in sorted(needed - table.columns):
        raise InputError(NO_COLUMN % {"field": field})
    for field in ("test", "analyzer"):
        found = sorted({row[field].text for row in table.rows if field in row} - {""})
        if len(found) > 1:
            raise InputError(SEVERAL % {"field": field, "found": ", ".join(found)})


def _targets(rows: Iterable[Mapping[str, Cell]], faults: list[Remark]) -> dict[tuple[str, str], _Target]:
    """The target of each lot and level: the first that is given; a row with another one is a fault."""
    found: dict[tuple[str, str], _Target] = {}
    for row in rows:
        try:
            if not (target := _target_in(row)):
                continue
            known = found.setdefault(_lot_and_level(row), target)
            _refuse_second(row, known, target)
        except _Unusable as unusable:
            faults.append(unusable.remark)
    return found


def _target_in(row: Mapping[str, Cell]) -> _Target | None:
    """The target that stands in this row; None where neither mean nor SD does."""
    given = [field for field in ("mean", "sd") if field in row and row[field].text]
    if not given:
        return None
    for field in {"mean", "sd"} - set(given):
        raise _unusable(row, field, HALF_A_TARGET)
    sd = _number(row, "sd")
    if sd <= 0:
        raise _unusable(row, "sd", SD_NOT_ABOVE)
    return _Target(_number(row, "mean"), sd, row)


def _refuse_second(row: Mapping[str, Cell], known: _Target, given: _Target) -> None:
    for field, one, other in (("mean", known.mean, given.mean), ("sd", known.sd, given.sd)):
        if one != other:
            lot, level = _lot_and_level(row)
            place, was = known.cells[field].name, known.cells[field].text
            raise _unusable(row, field, TWO_TARGETS, lot=lot or "-", level=level, known=was, other=place)


def _measured(
    row: Mapping[str, Cell], targets: Mapping[tuple[str, str], _Target], columns: frozenset[str]
) -> _Measured:
    for field in ("run", "level"):
        if field in columns and not row[field].text:
            raise _unusable(row, field, LACKS)
    _, level = _lot_and_level(row)
    return _Measured(row["run"].text, level, _z(row, targets))


def _z(row: Mapping[str, Cell], targets: Mapping[tuple[str, str], _Target]) -> Decimal:
    if "value" not in row or ("z" in row and row["z"].text and not row["value"].text):
        return _number(row, "z")
    value = _number(row, "value")
    lot, level = _lot_and_level(row)
    if (lot, level) not in targets:
        raise _unusable(row, "mean", NO_TARGET, level=level)
    target = targets[lot, level]
    return standardised(value, target.mean, target.sd)


def _lot_and_level(row: Mapping[str, Cell]) -> tuple[str, str]:
    return row["lot"].text if "lot" in row else "", row["level"].text if "level" in row else "1"


def _number(row: Mapping[str, Cell], field: str) -> Decimal:
    """With a decimal point or comma; minus as typed or typeset."""
    text = row[field].text
    if not text:
        raise _unusable(row, field, LACKS)
    try:
        found = Decimal(re.sub(r"\s", "", text).replace("−", "-").replace(",", "."))
    except InvalidOperation:
        raise _unusable(row, field, NOT_NUMBER) from None
    if not found.is_finite() or not is_measurable(found):
        raise _unusable(row, field, NOT_NUMBER)
    return found


def _unusable(row: Mapping[str, Cell], field: str, text: str, **values: str) -> _Unusable:
    cell = row[field]
    shown = {"field": field, "place": cell.name, "found": repr(cell.text), **values}
    return _Unusable(Remark(field, _row_number(row), reason(text, **shown)))


def _row_number(row: Mapping[str, Cell]) -> int:
    """Of the line in the table, as a spreadsheet counts; the headings have one, too."""
    return int(re.sub(r"\D", "", next(iter(row.values())).name))


def _arranged(measured: Sequence[_Measured], faults: tuple[Remark, ...]) -> Series:
    names = _in_order(one.run for one in measured)
    levels = _in_order(one.level for one in measured)
    by_run: dict[str, list[Point]] = {name: [] for name in names}
    place = {name: number for number, name in enumerate(names, start=1)}
    for one in measured:
        by_run[one.run].append(Point(place[one.run], levels.index(one.level) + 1, one.z))
    runs = tuple(tuple(sorted(by_run[name], key=lambda point: point.level)) for name in names)
    return Series(names, levels, runs, faults, not_measured(names, levels, runs))


def not_measured(
    names: Sequence[str], levels: Sequence[str], runs: Sequence[Sequence[Point]]
) -> tuple[Remark, ...]:
    """A remark for each level that a run lacks."""
    return tuple(
        Remark("level", 0, reason(NOT_MEASURED, run=name, level=level))
        for name, run in zip(names, runs, strict=True)
        for number, level in enumerate(levels, start=1)
        if all(point.level != number for point in run)
    )


def _in_order(given: Iterable[str]) -> tuple[str, ...]:
    """Numbers by size, dates by time, all else as it comes."""
    names = list(dict.fromkeys(given))
    if all(re.fullmatch(r"\d+", one) for one in names):
        return tuple(sorted(names, key=int))
    if all(re.match(r"\d{4}-\d\d-\d\d", one) for one in names):
        return tuple(sorted(names))
    return tuple(names)

"""A round's results as people send them: lines of a table to entries; a fault names its cell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from aliquot.foundation.sheets import Cell, Table
from aliquot.oversight.proficiency.rules.items import Entry

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "participant": ("laboratory", "lab", "code", "site", "участник", "лаборатория", "код лаборатории"),
    "sample": ("sample no", "specimen", "item", "образец", "проба", "номер образца"),
    "test": ("analyte", "measurand", "parameter", "тест", "аналит", "показатель"),
    "value": ("result", "x", "значение", "результат"),
    "unit": ("units", "ед", "единица", "единицы", "ед. изм."),
    "u": ("uncertainty", "standard uncertainty", "неопределённость", "неопределенность"),
    "method": ("group", "method group", "analyzer", "метод", "группа", "анализатор"),
    "assigned": ("assigned value", "target", "x_pt", "приписанное значение", "целевое значение"),
    "u_assigned": ("u(x_pt)", "u_xpt", "неопределённость приписанного значения"),
    "sigma_pt": ("sigma", "sdpa", "сигма", "ско"),
    "expected": ("expected value", "expected result", "ожидаемый результат", "ожидаемое значение"),
    "z": ("z-score", "z score", "z-индекс"),
    "evaluation": ("verdict", "assessment", "оценка"),
}
"""The columns of a round's table with their spellings."""

NO_NUMBER = "%(cell)s: “%(text)s” is no number; write it with digits, without a unit."
NEGATIVE = "%(cell)s: an uncertainty is not negative; “%(text)s” is."
LACKS = "%(cell)s: the %(column)s is missing."
TWICE = "%(cell)s: %(participant)s has already a result for this sample and test in %(other)s."
DISAGREES = "%(cell)s: “%(text)s” differs from “%(other)s” above for the same sample and test."
NO_COLUMN = "The column “%(column)s” is missing."
SENTENCES: Mapping[str, str] = {
    "no_number": NO_NUMBER,
    "negative": NEGATIVE,
    "lacks": LACKS,
    "twice": TWICE,
    "disagrees": DISAGREES,
    "no_column": NO_COLUMN,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, as code and facts."""

    code: str
    facts: Mapping[str, str]

    def words(self, translate: Callable[[str], str] = str) -> str:
        """The sentence in the language of `translate`."""
        return translate(SENTENCES[self.code]) % self.facts


Seen = dict[tuple[str, ...], str | Decimal]


@dataclass(frozen=True, slots=True)
class Line:
    """One result of a table: of whom, for which sample and test, what; `cell` is where the value stands."""

    cell: str
    sample: str
    test: str
    entry: Entry
    unit: str = ""
    assigned: Decimal | None = None
    u_assigned: Decimal | None = None
    sigma: Decimal | None = None
    expected: str = ""
    z: Decimal | None = None
    evaluation: str = ""

    @property
    def item(self) -> tuple[str, str]:
        """Sample and test, by which results are compared."""
        return self.sample, self.test


def read_number(text: str) -> Decimal:
    """A finite number with point or comma, blanks between thousands left out. ValueError otherwise."""
    cleaned = "".join(text.split()).replace(",", ".").replace("\N{MINUS SIGN}", "-")
    try:
        value = Decimal(cleaned)
    except InvalidOperation as fault:
        raise ValueError(f"{text!r} is no number") from fault
    if not value.is_finite():
        raise ValueError(f"{text!r} is no finite number")
    return value


def read_lines(
    table: Table, *, needed: Iterable[str] = ("participant", "value"), are_words_allowed: bool = True
) -> tuple[list[Line], list[Fault]]:
    """The lines that can be used, and every fault; an empty value is one that was not returned.

    Words stand as text where they are allowed, else they are a fault.
    """
    if missing := [one for one in needed if one not in table.columns]:
        return [], [Fault("no_column", {"column": one}) for one in missing]
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: Seen = {}
    for row in table.rows:
        own = [Fault("lacks", _at(row[one], column=one)) for one in needed if _is_lacking(row, one)]
        line = _line(row, own, are_words_allowed)
        if line is not None and not own:
            own = _against(line, row, seen)
        lines += [] if own or line is None else [line]
        faults += own
    return lines, faults


def _is_lacking(row: Mapping[str, Cell], column: str) -> bool:
    return column != "value" and not row[column].text


def _line(row: Mapping[str, Cell], faults: list[Fault], are_words_allowed: bool) -> Line | None:  # noqa: FBT001
    numbers = {one: _number(row, one, faults) for one in ("u", "assigned", "u_assigned", "sigma_pt", "z")}
    measures = ("u", "u_assigned", "sigma_pt")
    faults += [Fault("negative", _at(row[one])) for one in measures if (numbers[one] or 0) < 0]
    text = _text(row, "value")
    value = _value(row, faults, are_words_allowed)
    if faults:
        return None
    return Line(
        cell=row["value"].name if "value" in row else next(iter(row.values())).name,
        sample=_text(row, "sample"),
        test=_text(row, "test"),
        entry=Entry(_text(row, "participant"), value, text, numbers["u"], _text(row, "method")),
        unit=_text(row, "unit"),
        assigned=numbers["assigned"],
        u_assigned=numbers["u_assigned"],
        sigma=numbers["sigma_pt"],
        expected=_text(row, "expected"),
        z=numbers["z"],
        evaluation=_text(row, "evaluation"),
    )


def _value(row: Mapping[str, Cell], faults: list[Fault], are_words_allowed: bool) -> Decimal | None:  # noqa: FBT001
    if not are_words_allowed:
        return _number(row, "value", faults)
    try:
        return read_number(_text(row, "value"))
    except ValueError:
        return None


def _number(row: Mapping[str, Cell], column: str, faults: list[Fault]) -> Decimal | None:
    if not (text := _text(row, column)):
        return None
    try:
        return read_number(text)
    except ValueError:
        faults.append(Fault("no_number", _at(row[column])))
        return None


def _against(line: Line, row: Mapping[str, Cell], seen: Seen) -> list[Fault]:
    """A second result of a participant, or another assigned value for one item."""
    faults = []
    participant = line.entry.participant
    if (other := seen.setdefault((*line.item, "participant", participant), line.cell)) != line.cell:
        facts = {"cell": line.cell, "participant": participant, "other": str(other)}
        faults.append(Fault("twice", facts))
    assigned = {"assigned": line.assigned, "u_assigned": line.u_assigned, "sigma_pt": line.sigma}
    for column, own in assigned.items():
        if own is not None and (first := seen.setdefault((*line.item, column), own)) != own:
            faults.append(Fault("disagrees", _at(row[column], other=str(first))))
    return faults


def _at(cell: Cell, **facts: str) -> dict[str, str]:
    return {"cell": cell.name, "text": cell.text, **facts}


def _text(row: Mapping[str, Cell], column: str) -> str:
    return row[column].text if column in row else ""

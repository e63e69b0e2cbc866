r"""Tables dropped as files: CSV, or values between tabs, with or without a row of column names.

`wide`: one row a specimen and one column a test, as the Sysmex XT-2000i exports them (French names in
Latin-1, the unit in brackets behind the name, the flag in a column `name/M`). `long`: one row a result.
A cell of blanks means that the test was not asked for; `----` that it was and has no value.
Where a column has another name in another language, the names stand between `|`; of several letters in
`delimiter` it is the one the first row has most of.
A table without names takes them from `columns`: the BCS XP writes `*.BCSXp` with tabs, a first cell S
(specimen) or C (control) and numbers for methods; which cell is which, its export template decides.

Source: capture of an XT-2000i (openelisglobal-plugins); the letters and tabs of the BCS XP from an R package.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from aliquot.wire.astm_records import Message, Record, RecordError
from aliquot.wire.native.tree import decoded, message, moment, record, result, results


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Where things stand in the table; names are those of its columns, `ignored` may hold `*` and `?`."""

    layout: Literal["wide", "long"] = "wide"
    delimiter: str = ","
    columns: Sequence[str] = ()  # given: the table has no row of names
    specimen: str = ""
    place: str = ""
    patient: str = ""
    operator: str = ""
    instrument: str = ""
    date: str = ""
    time: str = ""
    form: str = "%d/%m/%Y %H:%M:%S"  # of date and time, joined by a blank; several between `|`
    kind_column: str = ""  # S, C and the like
    kinds: Mapping[str, str] = field(default_factory=dict)  # text of the kind's cell to O-12, e.g. C = "Q"
    ignored: Sequence[str] = ()
    flag_suffix: str = "/M"  # wide: the column of a test's flag
    unit: str = r"^(?P<code>[^(]*)\((?P<unit>.*)\)$"  # wide: how a name holds its unit
    test: str = ""  # long: the columns of one result
    value: str = ""
    device_unit: str = ""
    flags: str = ""
    range: str = ""

    @property
    def facts(self) -> set[str]:
        """The columns that say something about the specimen, so that they are no tests."""
        named = (self.specimen, self.place, self.patient, self.operator, self.instrument)
        return {*named, self.date, self.time, self.kind_column}


_COLUMNS = (
    *("specimen", "place", "patient", "operator", "instrument", "date", "time", "kind_column"),
    *("test", "value", "device_unit", "flags", "range"),
)


def parse(content: bytes, charset: str = "cp1252", **options: Any) -> list[Message]:
    """Return one message with an order for each row; the options are the fields of `Table`.

    Raises RecordError when a row has more or fewer cells than there are names, or a column is missing.
    """
    table = Table(**options)
    text = decoded(content, charset).removeprefix("\ufeff")
    rows = _rows(text, _delimiter(text, table.delimiter))
    names = [name.strip() for name in (table.columns or (rows.pop(0) if rows else ()))]
    if not rows:
        raise RecordError("the table has no rows")
    table = _named(table, names)
    _check_names(names, table)
    body: list[Record] = []
    for number, cells in enumerate(rows, 1):
        if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
            raise RecordError(f"row {number} has {len(cells)} cells for {len(names)} columns")
        body.extend(_read_row(dict(zip(names, cells, strict=False)), table))
    return [message(body)]


def _rows(text: str, delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as fault:
        raise RecordError(f"no table: {fault}") from None


def _delimiter(text: str, among: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(among, key=first.count)


def _named(table: Table, names: Sequence[str]) -> Table:
    """Return the table with the one of each column's names that this table has."""
    found: dict[str, Any] = {
        one: next((name for name in names if name in getattr(table, one).split("|")), getattr(table, one))
        for one in _COLUMNS
    }
    return replace(table, **found)


def _check_names(names: Sequence[str], table: Table) -> None:
    wanted = table.facts | ({table.test, table.value} if table.layout == "long" else set())
    missing = sorted(wanted - {""} - set(names))
    if missing:
        raise RecordError(f"the table has no column {', '.join(missing)}")
    if len({name for name in names if name}) != sum(bool(name) for name in names):
        raise RecordError("two columns have the same name")


def _read_row(row: Mapping[str, str], table: Table) -> list[Record]:
    def cell(name: str) -> str:
        return row.get(name, "").strip()

    kind = cell(table.kind_column)
    if table.kinds and kind not in table.kinds:
        raise RecordError(f"a row of the unknown kind {kind!r}")
    fields = {2: "1", 3: cell(table.specimen), 4: cell(table.place), 12: table.kinds.get(kind, ""), 26: "F"}
    order = record("O", fields)
    time = _time(f"{cell(table.date)} {cell(table.time)}".strip(), table.form) if table.date else ""
    shared = {11: cell(table.operator), 13: time, 14: cell(table.instrument)}
    if table.layout == "long":
        columns = {3: table.test, 4: table.value, 5: table.device_unit, 6: table.range, 7: table.flags}
        result(order, {number: cell(name) for number, name in columns.items()} | shared)
    else:
        _read_tests(row, table, order, shared)
    return results(order, {3: cell(table.patient)})


def _time(text: str, forms: str) -> str:
    return next((found for form in forms.split("|") if (found := moment(text, form))), "")


def _read_tests(row: Mapping[str, str], table: Table, order: Record, shared: Mapping[int, str]) -> None:
    flags = {f"{name.split('(')[0]}{table.flag_suffix}" for name in row} if table.flag_suffix else set()
    for name, cell in row.items():
        if name in table.facts or name in flags or not name or not cell.strip():
            continue
        if any(fnmatchcase(name, pattern) for pattern in table.ignored):
            continue
        found = re.match(table.unit, name) if table.unit else None
        code, unit = (found["code"], found["unit"]) if found else (name, "")
        flag = row.get(f"{code}{table.flag_suffix}", "") if table.flag_suffix else ""
        result(order, {3: code.strip(), 4: cell.strip(), 5: unit, 7: flag.strip(), **shared})

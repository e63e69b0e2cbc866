"""Plan and columns of a study from a CSV or XLSX file, as people keep them.

The first row that is not empty names the columns. A row that begins with `#`, as in `# allowable_bias:
0.3`, states the
plan, and so does each row of a sheet named `plan`. Numbers may have a decimal comma when the columns are
parted by semicolons.
"""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.given import Given, given, normalised

PLANS = frozenset({"plan", "план"})
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
ENCODINGS = ("utf-8-sig", "cp1251")
SEPARATORS = ";\t,"
IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")

Row = tuple[int, list[Any]]
"""The number of a row in its sheet, and its cells."""

EMPTY = "%(file)s holds no rows: name the columns in the first row and give one measurement per row."
NOT_READ = "%(file)s cannot be read as a table: save it as CSV (UTF-8) or XLSX."
NO_SHEET = "%(file)s has no sheet %(sheet)s; it has %(known)s."
NO_NAME = (
    "Row %(row)s, column %(column)s: a value stands in a column without a name; name the column in "
    "row %(header)s."
)
TWICE = "Row %(row)s: the column %(name)s stands twice; rename one of them."
NOT_PLAN = "Row %(row)s: %(found)s is no statement of the plan; write # name: value."


def read_table(name: str, content: bytes, sheet: str = "") -> Given:
    """Plan and columns of a file; Unusable names file, row and column of what cannot be read."""
    if PurePath(name).suffix.casefold() in WORKBOOKS or content[:2] == b"PK":
        rows, plan = _of_workbook(name, content, sheet)
    else:
        rows, plan = _of_text(name, content), []
    return from_rows(name, rows, plan)


def from_rows(name: str, rows: Sequence[Row], plan: Sequence[Row] = ()) -> Given:
    """Plan and columns of rows of cells."""
    stated = dict(
        _statement(number, cells)
        for number, cells in [*plan, *rows]
        if _is_statement(cells) or (number, cells) in plan
    )
    table = [
        (number, cells) for number, cells in rows if not _is_statement(cells) and any(map(_filled, cells))
    ]
    if not table:
        raise Unusable(EMPTY, file=name)
    (header, titles), *rest = table
    names = _names(header, titles)
    for number, cells in rest:
        for index, cell in enumerate(cells):
            if _filled(cell) and (index >= len(names) or not names[index]):
                raise Unusable(NO_NAME, row=number, column=index + 1, header=header)
    columns = {
        one: [cells[index] if index < len(cells) and _filled(cells[index]) else None for _, cells in rest]
        for index, one in enumerate(names)
        if one
    }
    return given({**columns, **stated}, [number for number, _ in rest])


def _of_workbook(name: str, content: bytes, sheet: str) -> tuple[list[Row], list[Row]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as fault:
        raise Unusable(NOT_READ, file=name) from fault
    known = [one for one in book.sheet_names if one.strip().casefold() not in PLANS]
    if (sheet or not known) and sheet not in known:
        raise Unusable(NO_SHEET, file=name, sheet=sheet or "1", known=", ".join(book.sheet_names))
    plan = [one for one in book.sheet_names if one not in known]
    stated = [row for one in plan for row in _cells(book, one) if any(map(_filled, row[1]))]
    return _cells(book, sheet or known[0]), stated


def _cells(book: CalamineWorkbook, sheet: str) -> list[Row]:
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [(number, list(cells)) for number, cells in enumerate(rows, 1)]


def _of_text(name: str, content: bytes) -> list[Row]:
    text = _decoded(name, content)
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as fault:
        raise Unusable(NOT_READ, file=name) from fault


def _decoded(name: str, content: bytes) -> str:
    encodings = ("utf-16",) if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unusable(NOT_READ, file=name)


def _filled(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _is_statement(cells: Sequence[Any]) -> bool:
    return bool(cells) and str(cells[0]).lstrip().startswith("#")


def _statement(number: int, cells: Sequence[Any]) -> tuple[str, Any]:
    """Name and value of one line of the plan: `# name: value`, `# name = value`, or a cell each."""
    filled = [one for one in cells if _filled(one)]
    text = str(filled[0]).strip().lstrip("#").strip()
    parts = re.split(r"[:=]", text, maxsplit=1)
    name, values = (parts[0], [parts[1], *filled[1:]]) if len(parts) > 1 else (text, filled[1:])
    values = [one for one in values if _filled(one)]
    if not values or not name.strip():
        raise Unusable(NOT_PLAN, row=number, found=text)
    # A decimal comma parts the cells of a comma-separated file: `# tea: 0,5` is put together again.
    joined = values[0] if len(values) == 1 else ",".join(str(one).strip() for one in values)
    return name.strip(), joined.strip() if isinstance(joined, str) else joined


def _names(header: int, titles: Sequence[Any]) -> list[str]:
    names = [normalised(IN_BRACKETS.sub("", str(one))) if _filled(one) else "" for one in titles]
    for name in names:
        if name and names.count(name) > 1:
            raise Unusable(TWICE, row=header, name=name)
    return names

"""Plan and columns of a study from a CSV or XLSX file, as people keep them.

The first line that is not empty names the columns; what stands there in brackets, such as a unit, is no
part of the name. A line that begins with `#`, as in `# allowable_bias: 0.3`, states a part of the plan.
"""

import re
from collections.abc import Sequence
from typing import Any

from aliquot.foundation.sheets import Cell, UnreadableSheetError, read_cells
from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.given import Given, given, normalised

IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
SIGN = re.compile("[:=]")

EMPTY = "%(file)s holds no rows: name the columns in the first line and give one measurement per line."
NOT_READ = "%(file)s cannot be read as a table (%(fault)s): save it as CSV (UTF-8) or XLSX."
NO_NAME = "%(cell)s: a value stands in a column without a name; name the column in %(header)s."
TWICE = "%(cell)s: the column %(name)s stands twice; rename one of them."
NOT_PLAN = "%(cell)s: %(found)s is no statement of the plan; write # name: value."

Line = Sequence[Cell]


def read_table(file: str, content: bytes) -> Given:
    """Plan and columns of a file; Unusable names the cell that cannot be read, and the remedy."""
    try:
        lines = [line for line in read_cells(content) if any(cell.text for cell in line)]
    except UnreadableSheetError as fault:
        raise Unusable(NOT_READ, file=file, fault=fault) from fault
    parted_by = "," if _is_parted_by_comma(content) else ";"
    stated = dict(_statement(line, parted_by) for line in lines if _is_statement(line))
    table = [line for line in lines if not _is_statement(line)]
    if not table:
        raise Unusable(EMPTY, file=file)
    header, *rows = table
    names = _names(header)
    for line in rows:
        _all_named(line, names, header)
    columns = {name: [_at(line, index) for line in rows] for index, name in enumerate(names) if name}
    values: dict[str, Any] = {
        name: [cell.text or None if cell else None for cell in cells] for name, cells in columns.items()
    }
    places = {
        name: tuple(cell.name if cell else "" for cell in cells) for name, cells in columns.items() if cells
    }
    return given(values | stated, places)


def _at(line: Line, index: int) -> Cell | None:
    return line[index] if index < len(line) else None


def _all_named(line: Line, names: Sequence[str], header: Line) -> None:
    for index, cell in enumerate(line):
        if cell.text and (index >= len(names) or not names[index]):
            raise Unusable(NO_NAME, cell=cell.name, header=header[0].name)


def _is_statement(line: Line) -> bool:
    return line[0].text.startswith("#")


def _is_parted_by_comma(content: bytes) -> bool:
    """Whether commas part the columns, and so `# tea: 0,5` too; else semicolons part `# levels: 5; 7`."""
    first = next((one for one in content.splitlines() if one.strip() and not one.startswith(b"#")), b"")
    return not content.startswith(b"PK") and first.count(b",") > max(first.count(b";"), first.count(b"\t"))


def _statement(line: Line, parted_by: str) -> tuple[str, str]:
    """Name and value of one part of the plan: `# name: value`, `# name = value`, or a cell each."""
    first, *others = [cell.text for cell in line if cell.text]
    name, *values = SIGN.split(first.lstrip("# "), maxsplit=1)
    filled = [one.strip() for one in (*values, *others) if one.strip()]
    if not filled or not name.strip():
        raise Unusable(NOT_PLAN, cell=line[0].name, found=first)
    return name, parted_by.join(filled)  # what parted the columns may have parted the value


def _names(header: Line) -> list[str]:
    names = [normalised(IN_BRACKETS.sub("", cell.text)) for cell in header]
    for cell, name in zip(header, names, strict=True):
        if name and names.count(name) > 1:
            raise Unusable(TWICE, cell=cell.name, name=name)
    return names

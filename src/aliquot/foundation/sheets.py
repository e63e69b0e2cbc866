"""Tables that people keep, CSV or a workbook's first sheet, read as text; every cell knows its name."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zipfile import is_zipfile

from python_calamine import CalamineError, CalamineWorkbook

ROWS_AT_MOST = 100_000
HISTORY_AT_MOST = 3_000_000
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_DELIMITERS = ";\t,"


class UnreadableSheetError(ValueError):
    """The content is no table that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell, without blanks around it, and its name as a spreadsheet shows it: B7."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The known columns that were found, the unknown ones as written, and the rows that are not empty.

    A row maps each known column to its cell; a cell that is not there is empty.
    """

    columns: frozenset[str]
    unknown: tuple[Cell, ...]
    rows: tuple[Mapping[str, Cell], ...]


def read_table(content: bytes, columns: Mapping[str, Iterable[str]]) -> Table:
    """A table under a line of headings; `columns` gives each column's name its spellings, in any case.

    The headings are the first line with a known one. UnreadableSheetError names what is wrong with the whole.
    """
    lines = read_cells(content)
    head, names = _headings(([cell.text for cell in line] for line in lines), columns)
    unknown = tuple(c for c, name in zip(lines[head], names, strict=True) if c.text and not name)
    rows = [_row(line, names) for line in lines[head + 1 :] if any(cell.text for cell in line)]
    return Table(frozenset(filter(None, names)), unknown, tuple(rows))


def read_columns(content: bytes, columns: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The known columns of a table, each as its texts; `""` holds the number of each line.

    For histories of a million rows, where no cell needs a name. A column that is not there lacks.
    """
    lines = _lines(content, HISTORY_AT_MOST)
    head, names = _headings(lines, columns)
    places = {name: place for place, name in enumerate(names) if name}
    kept = [
        (number, line)
        for number, line in enumerate(lines[head + 1 :], start=head + 2)
        if "".join(line).strip()
    ]
    found = {"": [str(number) for number, _ in kept]}
    for name, place in places.items():
        found[name] = [line[place].strip() if place < len(line) else "" for _, line in kept]
    return found


def _headings(lines: Iterable[Sequence[str]], columns: Mapping[str, Iterable[str]]) -> tuple[int, list[str]]:
    """The place of the first line with a known heading, and the name of each of its columns."""
    spellings = {plain(one): name for name, known in columns.items() for one in (name, *known)}
    found = ((place, [spellings.get(plain(one), "") for one in line]) for place, line in enumerate(lines))
    head, names = next(((place, names) for place, names in found if any(names)), (-1, []))
    if not names:
        raise UnreadableSheetError(f"no line of headings is found; known are: {', '.join(columns)}")
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise UnreadableSheetError(f"the column {twice} stands twice in the headings")
    return head, names


def read_cells(content: bytes) -> list[list[Cell]]:
    """All cells of a CSV text or of a workbook's first sheet, line by line."""
    return [
        [Cell(cell_name(column, row), text.strip()) for column, text in enumerate(line)]
        for row, line in enumerate(_lines(content, ROWS_AT_MOST), start=1)
    ]


def _lines(content: bytes, most: int) -> list[list[str]]:
    if is_zipfile(io.BytesIO(content)) or content.startswith(_OLD_WORKBOOK):
        lines = _workbook(content)
    else:
        lines = _text(content)
    if len(lines) > most:
        raise UnreadableSheetError(f"it has more than {most} lines; divide it")
    return lines


def cell_name(column: int, row: int) -> str:
    """B7 for the second column (1, counted from 0) in the seventh line (7)."""
    letters, rest = "", column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(ord("A") + place) + letters
    return f"{letters}{row}"


def plain(heading: str) -> str:
    """A heading as it is compared: lower case, without blanks and points."""
    return "".join(one for one in heading.casefold() if one.isalnum())


def _row(line: Sequence[Cell], names: Sequence[str]) -> dict[str, Cell]:
    number = line[0].name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    padded = [*line, *(Cell(cell_name(at, int(number)), "") for at in range(len(line), len(names)))]
    return {name: cell for name, cell in zip(names, padded, strict=False) if name}


def _workbook(content: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            [_said(one) for one in line]
            for line in book.get_sheet_by_index(0).to_python(skip_empty_area=False)
        ]
    except (CalamineError, IndexError) as fault:
        raise UnreadableSheetError(f"the workbook cannot be read: {fault}") from fault


def _said(value: Any) -> str:
    """A cell's value as a person would type it; a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _text(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise UnreadableSheetError(f"the text is no CSV: {fault}") from fault


def _decoded(content: bytes) -> str:
    """UTF-8, or what a Russian spreadsheet writes."""
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableSheetError("it is neither a workbook nor a text")

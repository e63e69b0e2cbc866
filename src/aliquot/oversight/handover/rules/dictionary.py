"""The data dictionary of a package: each table and column with type, meaning and codes, as text."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type as the database names it, what it means, what it points at, its codes with words."""

    name: str
    type: str
    may_be_empty: bool
    meaning: str
    refers_to: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table: what a row of it is, how an increment carries it, its columns."""

    name: str
    meaning: str
    carried: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the dictionary itself."""

    title: str
    lead: str
    columns: tuple[str, ...]
    yes: str
    carried: str
    refers: str


HEADINGS = {
    "en": Words(
        "Data dictionary",
        "Meanings are those of the program's own source. Times are UTC, units UCUM, codes as listed.",
        ("column", "type", "may be empty", "meaning"),
        "yes",
        "In an increment",
        "key of",
    ),
    "ru": Words(
        "Словарь данных",
        "Слова кодов даны по-русски; смысл таблиц и столбцов — словами исходного текста программы, "
        "по-английски. Время — UTC, единицы — UCUM.",
        ("столбец", "тип", "может быть пустым", "смысл"),
        "да",
        "В дополнении",
        "ключ таблицы",
    ),
}


def write_dictionary(tables: Sequence[TableFacts], language: str) -> str:
    """The dictionary in Markdown, in English (`en`) or Russian (`ru`)."""
    words = HEADINGS[language]
    lines = [f"# {words.title}", "", words.lead, ""]
    for table in tables:
        lines += [f"## {table.name}", "", table.meaning, "", f"{words.carried}: {table.carried}", ""]
        lines += [_row(words.columns), _row(["---"] * len(words.columns))]
        lines += [_row(_cells(column, words.yes, words.refers)) for column in table.columns]
        lines.append("")
    return "\n".join(lines)


def _cells(column: Column, yes: str, refers: str) -> list[str]:
    said = [column.meaning, f"{refers} {column.refers_to}" if column.refers_to else ""]
    said += ["; ".join(f"{code} = {word}" for code, word in column.codes)]
    empty = yes if column.may_be_empty else ""
    return [column.name, column.type, empty, ". ".join(one for one in said if one)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(one.replace("|", "/").replace("\n", " ") for one in cells) + " |"

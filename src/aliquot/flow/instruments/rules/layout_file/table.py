"""A table of a driver file that knows its key path and notices keys nobody asked for."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from aliquot.flow.instruments.rules.layout import DriverError, Place, Sign

_PLACE = re.compile(
    r"([A-Z][A-Z0-9]{0,2})-([1-9]\d*)(?:\(([1-9]\d*)\))?(?:\.([1-9]\d*)(?:\.([1-9]\d*)|(\+))?)?"
)


class Table:
    """One table of the file; every error it raises names the file and the key."""

    def __init__(self, file: str, path: str, data: Mapping[str, Any]) -> None:
        self.file, self.path, self.data, self.asked = file, path, data, set[str]()

    def fail(self, key: str, reason: str) -> DriverError:
        return DriverError(f"{self.file}: {self.path}{key}: {reason}")

    def get(self, key: str, kind: type | tuple[type, ...], words: str, default: Any = ...) -> Any:
        self.asked.add(key)
        value = self.data.get(key, default)
        if value is ...:
            raise self.fail(key, "is missing")
        if value is not default and (
            not isinstance(value, kind) or (isinstance(value, bool) and kind is int)
        ):
            raise self.fail(key, f"must be {words}")
        return value

    def text(self, key: str, default: Any = ...) -> str:
        return str(self.get(key, str, "a text", default))

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> Any:
        value = self.text(key, default)
        if value not in choices:
            raise self.fail(key, f"must be {' or '.join(map(repr, choices))}")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        return bool(self.get(key, bool, "true or false", default))

    def number(self, key: str, default: int, *, least: int = 1) -> int:
        value = int(self.get(key, int, "a whole number", default))
        if value < least:
            raise self.fail(key, f"must be at least {least}")
        return value

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        value = self.get(key, list, "a list of texts", default)
        if not all(isinstance(one, str) for one in value):
            raise self.fail(key, "must be a list of texts")
        return tuple(value)

    def lines(self, key: str, default: Any = ...) -> tuple[str, ...]:
        """One text, or a list of them."""
        value = self.get(key, (str, list), "a text or a list of texts", default)
        lines = [value] if isinstance(value, str) else value
        if not all(isinstance(one, str) for one in lines):
            raise self.fail(key, "must be a text or a list of texts")
        return tuple(lines)

    def map(self, key: str, default: Any = ...) -> dict[str, str]:
        value = self.get(key, dict, "a table of texts", default)
        for name, one in value.items():
            if not isinstance(one, str):
                raise self.fail(f"{key}.{name}", "must be a text")
        return dict(value)

    def table(self, key: str, *, optional: bool = False) -> "Table":
        return Table(self.file, f"{self.path}{key}.", self.get(key, dict, "a table", {} if optional else ...))

    def tables(self, key: str) -> list["Table"]:
        rows = self.get(key, list, "a list of tables", [])
        if not all(isinstance(row, dict) for row in rows):
            raise self.fail(key, "must be a list of tables")
        return [Table(self.file, f"{self.path}{key}[{at}].", row) for at, row in enumerate(rows)]

    def place(self, key: str, default: Any = ...) -> Place | None:
        """One place; "" says outright that there is none."""
        text = self.get(key, str, "a place such as 'R-3.4'", default)
        return self._place(key, text) if text else None

    def needed_place(self, key: str) -> Place:
        return self._place(key, self.text(key))

    def places(self, key: str, default: Any = ...) -> tuple[Place, ...]:
        """One place, or several of which the first that holds something counts."""
        return tuple(self._place(key, text) for text in self.lines(key, default))

    def _place(self, key: str, text: str) -> Place:
        found = _PLACE.fullmatch(text)
        if not found:
            raise self.fail(key, f"{text!r} is no place such as 'R-3.4', 'SPM-2.1.1' or 'Q-3.4+'")
        repeat, component, part = (int(found[at] or 0) for at in (3, 4, 5))
        return Place(found[1], int(found[2]), component, found[6] is not None, repeat, part)

    def pattern(self, key: str, default: Any = ..., *, group: str = "") -> re.Pattern[str] | None:
        """A regular expression, which must have the named group."""
        text = self.get(key, str, "a regular expression", default)
        try:
            pattern = None if text is None else re.compile(text)
        except re.error as fault:
            raise self.fail(key, f"is no regular expression: {fault}") from None
        if pattern is not None and group and group not in pattern.groupindex:
            raise self.fail(key, f"has no group named {group}")
        return pattern

    def decimal(self, key: str, default: Any = ...) -> Decimal | None:
        text = self.get(key, str, "a number written as text", default)
        try:
            return None if text is None else Decimal(text)
        except InvalidOperation:
            raise self.fail(key, f"{text!r} is no number") from None

    def sign(self) -> Sign:
        """This table as a sign: `at`, and `equals`, `prefixes` or `pattern`."""
        sign = Sign(
            self.needed_place("at"),
            frozenset(self.texts("equals", [])),
            self.texts("prefixes", []),
            self.pattern("pattern", None),
        )
        if not sign.equals and not sign.prefixes and sign.pattern is None:
            raise self.fail("equals", "is missing, and so are prefixes and pattern")
        return sign

    def done(self) -> None:
        """Refuse the keys nobody asked for."""
        for key in self.data:
            if key not in self.asked:
                raise self.fail(key, "is not a key this program knows")


class Reader:
    """Reads the sections of one file and gathers the source each of them cites."""

    def __init__(self, file: str, data: Mapping[str, Any]) -> None:
        self.root = Table(file, "", data)
        self.sources: dict[str, str] = {}

    def section(self, key: str, *, optional: bool = False) -> Table:
        """Return a section, its source noted; an optional one may be left out."""
        table = self.root.table(key, optional=optional)
        if table.data or not optional:
            self.cite(table)
        return table

    def rows(self, key: str) -> Iterator[Table]:
        """Yield the tables of a list, each with its source."""
        for table in self.root.tables(key):
            self.cite(table)
            yield table
            table.done()

    def cite(self, table: Table) -> str:
        source = table.text("source")
        if not source.strip():
            raise table.fail("source", "is empty: every rule cites its source")
        self.sources[table.path.rstrip(".")] = source
        return source

"""SQL statements kept as files: one statement, one sentence on top, one Python caller.

A statement takes its parameters as %(name)s. Rows come back as frozen dataclasses.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.db import connections
from psycopg import Connection, Cursor
from psycopg.rows import class_row, scalar_row, tuple_row

Row = TypeVar("Row")


@cache
def statement(folder: Path, name: str) -> str:
    """The text of `folder/name.sql`."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def fetch(row: type[Row], folder: Path, name: str, *, using: str = "default", **params: Any) -> list[Row]:
    """Run a statement and return its rows as instances of `row`."""
    with _connection(using).cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(_query(folder, name), params).fetchall()


def fetch_rows(folder: Path, name: str, *, using: str = "default", **params: Any) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows as tuples."""
    with _connection(using).cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(_query(folder, name), params).fetchall()


def send_rows(folder: Path, name: str, *, using: str = "default", **params: Any) -> list[tuple[Any, ...]]:
    """Run a statement with large parameters, each cast where it stands; return its rows as tuples.

    The parameters travel beside the statement in binary, and the rows come back so: four times as fast for a
    batch of messages. JSON comes as Python's values, not as text.
    """
    with Cursor(_connection(using), row_factory=tuple_row) as cursor:
        return cursor.execute(_binary(folder, name), params, binary=True).fetchall()


def send(folder: Path, name: str, *, using: str = "default", **params: Any) -> int:
    """Run a statement with large parameters as `send_rows` does; return how many rows it touched."""
    with Cursor(_connection(using)) as cursor:
        return cursor.execute(_binary(folder, name), params, binary=True).rowcount


def stream_rows(
    folder: Path, name: str, *, at_once: int = 5000, using: str = "default", **params: Any
) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement, so many at once in memory, decoded from binary; inside a transaction."""
    with _connection(using).cursor(f"stream_{name}", row_factory=tuple_row) as cursor:
        cursor.itersize = at_once
        yield from cursor.execute(_query(folder, name), params, binary=True)


def fetch_value(folder: Path, name: str, *, using: str = "default", **params: Any) -> Any:
    """Run a statement and return the first column of its first row, or None."""
    with _connection(using).cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(_query(folder, name), params).fetchone()


def execute(folder: Path, name: str, *, using: str = "default", **params: Any) -> int:
    """Run a statement and return how many rows it touched."""
    with _connection(using).cursor() as cursor:
        return cursor.execute(_query(folder, name), params).rowcount


def run_text(
    text: str, params: Sequence[Any] | dict[str, Any] | None = None, *, using: str = "default"
) -> None:
    """Run a generated statement: for schema work only, where names cannot be parameters."""
    with _connection(using).cursor() as cursor:
        cursor.execute(text.encode(), params)


def fetch_text(
    text: str, params: Sequence[Any] | dict[str, Any] | None = None, *, using: str = "default"
) -> list[tuple[Any, ...]]:
    """Run a generated statement and return its rows: for schema work only, as `run_text`."""
    with _connection(using).cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(text.encode(), params).fetchall()


def copy_out(text: str, *, using: str = "default") -> Iterator[bytes]:
    """The blocks that a COPY ... TO STDOUT writes, as they come."""
    with _connection(using).cursor() as cursor, cursor.copy(text.encode()) as copy:
        for block in copy:
            yield bytes(block)


def copy_in(text: str, blocks: Iterable[bytes], *, using: str = "default") -> None:
    """Give these blocks to a COPY ... FROM STDIN."""
    with _connection(using).cursor() as cursor, cursor.copy(text.encode()) as copy:
        for block in blocks:
            copy.write(block)


def _query(folder: Path, name: str) -> bytes:
    return statement(folder, name).encode()


def _binary(folder: Path, name: str) -> bytes:
    return _query(folder, name).replace(b")s::", b")b::")


def _connection(using: str) -> Connection[Any]:
    wrapper = connections[using]
    wrapper.ensure_connection()
    connection: Connection[Any] = wrapper.connection
    return connection

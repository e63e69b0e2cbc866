"""A database session of the owner: what a measurement prepares and looks at, past row security."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from psycopg import ClientCursor, Connection

SQL = Path(__file__).parent / "sql"


class Session:
    """Runs statements of this folder, and short ones of schema and looking, each committed by itself."""

    def __init__(self, url: str) -> None:
        self._connection = Connection.connect(url, autocommit=True, cursor_factory=ClientCursor)

    def run(self, name: str, **params: Any) -> list[tuple[Any, ...]]:
        """Run `sql/<name>.sql`; its rows, if it has any."""
        found = self._connection.execute(_text(name), params)
        return found.fetchall() if found.description else []

    def text(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement; its rows, if it has any."""
        found = self._connection.execute(statement.encode(), params or None)
        return found.fetchall() if found.description else []

    def value(self, statement: str) -> Any:
        """The first column of its first row."""
        return self.text(statement)[0][0]

    def copy(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows to a table."""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def transaction(self) -> Any:
        """What runs inside is committed together."""
        return self._connection.transaction()

    def close(self) -> None:
        """End the session."""
        self._connection.close()


@cache
def _text(name: str) -> bytes:
    return (SQL / f"{name}.sql").read_bytes()

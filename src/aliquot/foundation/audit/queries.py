"""What the audit holds and whether it is whole."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from aliquot.foundation import sql_files

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class BrokenBlock:
    """Where the audit is not what it was: `id` of the block, chain `slot`, place `seq`, the `fault`."""

    id: int
    slot: int
    seq: int
    table_name: str
    fault: str


@dataclass(frozen=True, slots=True)
class Extent:
    """Blocks and rows kept; `anchor` is a digest of all chain ends, to be written down elsewhere."""

    blocks: int
    rows: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Change:
    """One changed row: who, when, why; `before` and `after` as JSON text hold the columns that changed."""

    block: int
    at: datetime
    actor: str
    reason: str
    table_name: str
    operation: str
    row_id: int
    before: str | None
    after: str | None

    @property
    def fields(self) -> list[tuple[str, Any, Any]]:
        """Each column with its value before and after; None where there was no row."""
        old, new = orjson.loads(self.before or "{}"), orjson.loads(self.after or "{}")
        return [(name, old.get(name), new.get(name)) for name in {**old, **new}]


def changes(
    *,
    table: str = "",
    row_id: int | None = None,
    actor: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 200,
) -> list[Change]:
    """The latest changes first, of a table, of one row, by an actor whose key holds the text, in a span."""
    return sql_files.fetch(
        Change,
        SQL,
        "changes",
        table=table,
        row_id=row_id,
        actor=actor,
        since=since,
        until=until,
        limit=limit,
    )


def broken_blocks(*, limit: int = 100, using: str = "owner") -> list[BrokenBlock]:
    """Every altered, added or removed row or block, at most `limit`; an empty list means whole."""
    return sql_files.fetch(BrokenBlock, SQL, "broken_blocks", limit=limit, using=using)


def extent(*, using: str = "owner") -> Extent:
    """How much is kept, with the anchor."""
    return sql_files.fetch(Extent, SQL, "extent", using=using)[0]

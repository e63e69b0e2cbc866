"""What the audit holds and whether it is whole."""

from dataclasses import dataclass
from pathlib import Path

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


def broken_blocks(*, limit: int = 100, using: str = "owner") -> list[BrokenBlock]:
    """Every altered, added or removed row or block, at most `limit`; an empty list means whole."""
    return sql_files.fetch(BrokenBlock, SQL, "broken_blocks", limit=limit, using=using)


def extent(*, using: str = "owner") -> Extent:
    """How much is kept, with the anchor."""
    return sql_files.fetch(Extent, SQL, "extent", using=using)[0]

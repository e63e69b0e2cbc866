"""How far a region has published, and up to where it may: no change is passed over, none waited for in vain.

Changes are followed in the audit, which triggers write with every change, in the order of its blocks. A block
has its number before its transaction commits, so a lower number may appear after a higher one. A mark is the
newest block that one snapshot shows, with a transaction number given out after it: who wrote a block up to it
has a lower one. Once a snapshot's `xmin` has reached that, none of them is under way, and every block
up to the mark is there for good. A snapshot's own `xmax` would not do: it is the number after the last one
*completed*, and a younger transaction under way may hold an older block. PostgreSQL 15, 9.26 (transaction id
and snapshot functions).
"""

from dataclasses import dataclass, replace
from datetime import datetime

ALL_ROWS = 2**63 - 1

PROGRESS = (
    "CREATE SCHEMA IF NOT EXISTS publishing",
    """CREATE TABLE IF NOT EXISTS publishing.progress (
        is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one), block bigint,
        row_id bigint NOT NULL DEFAULT 0,
        safe_block bigint, safe_at timestamptz, pending_block bigint, pending_xmax bigint,
        pending_at timestamptz, complete_until timestamptz, swept_version integer)""",
    """CREATE TABLE IF NOT EXISTS publishing.sweep (
        name text PRIMARY KEY, after bigint NOT NULL, until bigint NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS publishing.month (month date PRIMARY KEY, counted_at timestamptz NOT NULL)",
    "INSERT INTO publishing.progress DEFAULT VALUES ON CONFLICT DO NOTHING",
)
"""What the export keeps of its own way, in the transaction that writes the facts; none of it is published."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What one snapshot of the region shows: its newest block, and the oldest transaction still under way.

    `xmax` was given out after the snapshot; None when the block is not newer than the one known before.
    """

    block: int
    xmin: int
    xmax: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """Up to (`block`, `row_id`) the audit is published; up to `safe_block` it may be; a later mark waits.

    `complete_until`: every change up to then is published. `swept_version`: what the first copy brings.
    """

    block: int | None = None
    row_id: int = 0
    safe_block: int | None = None
    safe_at: datetime | None = None
    pending_block: int | None = None
    pending_xmax: int | None = None
    pending_at: datetime | None = None
    complete_until: datetime | None = None
    swept_version: int | None = None

    @property
    def known_block(self) -> int:
        """The newest block that a mark has named; -1 before the first."""
        return max(one if one is not None else -1 for one in (self.safe_block, self.pending_block))

    @property
    def is_behind(self) -> bool:
        """Whether there is something to publish that may be published."""
        return self.safe_block is not None and (self.block is None or self.block < self.safe_block)


def advance(progress: Progress, mark: Mark) -> Progress:
    """The progress after a new mark: what became safe by it, and what it leaves pending."""
    if mark.block == progress.safe_block:  # nothing was committed since
        return replace(_pending(progress, None), safe_at=mark.at)
    if progress.pending_xmax is not None and mark.xmin >= progress.pending_xmax:
        reached = replace(progress, safe_block=progress.pending_block, safe_at=progress.pending_at)
        progress = _pending(reached, None)
    if mark.xmax is None:
        return progress
    if mark.xmin >= mark.xmax:  # nobody is under way
        return replace(_pending(progress, None), safe_block=mark.block, safe_at=mark.at)
    return progress if progress.pending_xmax is not None else _pending(progress, mark)


def _pending(progress: Progress, mark: Mark | None) -> Progress:
    return replace(
        progress,
        pending_block=mark.block if mark else None,
        pending_xmax=mark.xmax if mark else None,
        pending_at=mark.at if mark else None,
    )


def followed(progress: Progress, last: tuple[int, int] | None) -> Progress:
    """The progress after a batch of changes: `last` is its last row's place, None when nothing is left."""
    if last is None:
        return replace(progress, block=progress.safe_block, row_id=ALL_ROWS, complete_until=progress.safe_at)
    return replace(progress, block=last[0], row_id=last[1])

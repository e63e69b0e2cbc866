"""Rows of a table cut into parts: bounded in bytes, never between rows of one key."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

PART_BYTES = 8 * 1024**2
LEAST, GREATEST = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows as CSV, one after another; `low` and `high` are the keys of the first and the last, if any."""

    content: bytes
    rows: int
    low: int | None
    high: int | None


def cut(rows: Iterable[bytes], *, has_key: bool, limit: int = PART_BYTES) -> Iterator[Chunk]:
    """The rows, each one whole line of CSV that begins with its key, in chunks of about `limit` bytes.

    A chunk ends where the key changes, so that a part can be told by its keys; without a key, anywhere.
    """
    held: list[bytes] = []
    size = 0
    for row in rows:
        if size >= limit and not (has_key and key_of(row) == key_of(held[-1])):
            yield _chunk(held, has_key)
            held, size = [], 0
        held.append(row)
        size += len(row)
    if held:
        yield _chunk(held, has_key)


def recut(rows: Iterable[bytes], counts: Sequence[int]) -> Iterator[bytes]:
    """The rows in chunks of so many each, for comparison; a last chunk holds what is left, if anything is."""
    source = iter(rows)
    for count in counts:
        yield b"".join(row for _, row in zip(range(count), source, strict=False))
    if rest := b"".join(source):
        yield rest


def key_of(row: bytes) -> int:
    """The number with which a row of CSV begins."""
    return int(row.split(b",", 1)[0])


def gaps(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What lies between spans of keys that do not overlap: (after, before), both exclusive, in order."""
    found, after = [], LEAST
    for low, high in sorted(spans):
        found.append((after, low))
        after = high
    return [*found, (after, GREATEST)]


def _chunk(held: Sequence[bytes], has_key: bool) -> Chunk:  # noqa: FBT001 - passed on as it came
    low, high = (key_of(held[0]), key_of(held[-1])) if has_key else (None, None)
    return Chunk(b"".join(held), len(held), low, high)

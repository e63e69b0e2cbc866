"""Which causes make most of the trouble.

Source: J. M. Juran, Quality Control Handbook (the vital few and the trivial many); ISO 15189:2022, 8.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A cause, how often it was found, and the share of all that it and those before it make."""

    name: str
    count: int
    cumulative: float


def pareto(counts: Mapping[str, int]) -> tuple[Column, ...]:
    """The causes that occurred, the most frequent first; equal ones by name."""
    ordered = sorted(((name, count) for name, count in counts.items() if count > 0), key=_order)
    total, reached, columns = sum(count for _, count in ordered), 0, []
    for name, count in ordered:
        reached += count
        columns.append(Column(name, count, reached / total))
    return tuple(columns)


def _order(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]

"""Small sums over measurements."""

from collections.abc import Sequence
from math import ceil

SHARES = (0.5, 0.95, 0.99)


def percentiles(seconds: Sequence[float]) -> dict[str, float | None]:
    """The 50th, 95th and 99th percentile and the greatest, in milliseconds; None of nothing."""
    ordered = sorted(seconds)
    found = {f"p{share * 100:.0f}_ms": _at(ordered, share) for share in SHARES}
    return {**found, "max_ms": _at(ordered, 1.0)}


def _at(ordered: Sequence[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[max(0, ceil(share * len(ordered)) - 1)] * 1000, 2)


def rate(count: int, seconds: float) -> float:
    """So many in a second."""
    return round(count / seconds, 1) if seconds > 0 else 0.0

"""Which values of two lots were measured in the same run: each new one with the nearest old one in time.

Source: CLSI C24-Ed4 (2016), 7: old and new lot measured side by side, in the same runs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

Timed = tuple[datetime, Decimal]
"""When a value was measured, and the value."""


def paired(old: Sequence[Timed], new: Sequence[Timed], *, within: timedelta) -> list[tuple[Decimal, Decimal]]:
    """Old and new value of each run, oldest first; what was measured with no partner `within` is left out."""
    left = list(old)
    found = []
    for at, value in sorted(new):
        nearest = min(left, key=lambda one: abs(one[0] - at), default=None)
        if nearest is not None and abs(nearest[0] - at) <= within:
            left.remove(nearest)
            found.append((nearest[1], value))
    return found

"""A brake on guessing: after too many wrong passwords, a while of silence for that name from that address.

Source: OWASP Authentication Cheat Sheet, account lockout by counter, observation window and duration.
"""

from collections import OrderedDict
from typing import Final

MOST_FAILURES: Final = 10
SILENCE: Final = 300.0
"""Seconds."""
_MOST_KEPT: Final = 10_000


class Attempts:
    """Failures by name and address in this process, forgotten after the silence; the oldest go first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def wait(self, name: str, address: str, now: float) -> int:
        """Whole seconds this name has to wait, 0 when it may try; `now` in seconds of a steady clock."""
        count, last = self._failures.get((name, address), (0, 0.0))
        left = SILENCE - (now - last)
        return int(left) + 1 if count >= MOST_FAILURES and left > 0 else 0

    def note_failure(self, name: str, address: str, now: float) -> None:
        """Count a wrong password."""
        count, last = self._failures.pop((name, address), (0, now))
        self._failures[(name, address)] = (1 if now - last > SILENCE else count + 1, now)
        while len(self._failures) > _MOST_KEPT:
            self._failures.popitem(last=False)

    def forget(self, name: str, address: str) -> None:
        """Start anew after a right password."""
        self._failures.pop((name, address), None)

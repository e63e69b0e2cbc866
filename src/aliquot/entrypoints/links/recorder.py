"""Every byte of one connection with its moment, before anything reads it, until the ledger takes it."""

import time
from dataclasses import dataclass, field

from aliquot.flow.instruments.rules.traffic import Heard


@dataclass(slots=True)
class Recorder:
    """What went over the line since it was last taken: per read or write one tuple, nothing copied."""

    stretches: list[Heard] = field(default_factory=list)
    size: int = 0

    def note(self, now: float, data: bytes, *, is_outgoing: bool) -> None:
        """Add what one read brought or one write sent."""
        self.stretches.append((now, is_outgoing, data))
        self.size += len(data)

    def take(self) -> list[Heard]:
        """Return, once, everything that is not in the ledger yet."""
        taken, self.stretches, self.size = self.stretches, [], 0
        return taken


def clock_offset(now: float) -> float:
    """Return what has to be added to the loop's seconds to get those of the epoch."""
    return time.time() - now

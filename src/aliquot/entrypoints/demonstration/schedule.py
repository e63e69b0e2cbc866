"""What happens next in the demonstration: steps in the order of their time."""

import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Step = Callable[[], None]


@dataclass(slots=True)
class Schedule:
    """A queue of steps; each is due some seconds from when it was put in."""

    clock: Callable[[], float] = time.monotonic
    _queue: list[tuple[float, int, Step]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def after(self, seconds: float, step: Step) -> None:
        """Do `step` in so many seconds."""
        heapq.heappush(self._queue, (self.clock() + seconds, next(self._order), step))

    def take_due(self) -> Step | None:
        """The next step that is due, or None."""
        if self._queue and self._queue[0][0] <= self.clock():
            return heapq.heappop(self._queue)[2]
        return None

    def seconds_to_next(self) -> float:
        """How long nothing is due, at most a second."""
        if not self._queue:
            return 1.0
        return min(1.0, max(0.0, self._queue[0][0] - self.clock()))

"""When a decision could be seen: a session that looks at the audit's newest blocks every few milliseconds."""

import time
from dataclasses import dataclass, field

from aliquot.entrypoints.bench.session import Session

LOOK_SECONDS = 0.01
LOOK_BACK = 400  # blocks: a transaction may show a number after another showed a greater one


@dataclass(slots=True)
class Watch:
    """Notes when each block of decided results was first seen committed: at most a look's time too late."""

    session: Session
    after: int = 0
    seen: dict[int, float] = field(default_factory=dict)
    decided: int = 0
    _looked_at: set[int] = field(default_factory=set)

    def look(self) -> None:
        """Look once."""
        found = self.session.run("decided_blocks", after=max(self.after, self._newest - LOOK_BACK))
        now = time.time()
        new = [block for (block,) in found if block not in self._looked_at]
        self._looked_at.update(new)
        for block, count in self.session.run("decided_rows", blocks=new) if new else ():
            if count:
                self.seen[block] = now
                self.decided += count

    @property
    def _newest(self) -> int:
        return max(self._looked_at, default=0)

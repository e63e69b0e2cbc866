"""What a worker does about control by the clock."""

from datetime import datetime

from aliquot.flow.quality.actions import mark_due_controls, renew_floating_targets
from aliquot.foundation.context import current_actor


def mark_controls(limit: int, at: datetime) -> int:
    """Tests whose control should have been measured by now are no longer known to be in control; how many."""
    return mark_due_controls(limit=limit, by=current_actor(), at=at)


def renew_targets(limit: int, at: datetime) -> int:
    """Targets that float move with the newest good runs; how many."""
    return renew_floating_targets(limit=limit, by=current_actor(), at=at)

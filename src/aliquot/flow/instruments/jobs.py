"""What the reactions start."""

from datetime import datetime

from aliquot.flow.instruments.actions import follow_work
from aliquot.foundation.context import current_actor


def tell_analyzers(specimen_ids: list[int], at: datetime) -> int:
    """Queue what analyzers have to be told now that the tests of these tubes have changed."""
    return follow_work(specimen_ids, by=current_actor(), at=at)

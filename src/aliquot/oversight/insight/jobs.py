"""What a worker does about the figures of a region."""

from datetime import datetime

from aliquot.foundation.context import current_actor
from aliquot.oversight.insight.actions import count_due_days, note_due_days
from aliquot.registers.network.models import Site


def count_indicators(limit: int, at: datetime) -> int:
    """Days that changed are counted anew, at most `limit`; how many."""
    by, counted = current_actor(), 0
    for laboratory in Site.objects.filter(pk__in=by.sites).order_by("pk"):
        if laboratory.is_laboratory:
            note_due_days(laboratory, by=by, at=at)
            counted += count_due_days(laboratory, limit=limit - counted, by=by, at=at)
    return counted

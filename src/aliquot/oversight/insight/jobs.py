"""What a worker does about the figures of a region."""

from datetime import datetime

from aliquot.foundation.context import current_actor
from aliquot.oversight.insight.actions import count_due_days, note_due_days
from aliquot.registers.network.models import Site


def note_indicators(at: datetime) -> int:
    """Days that changed since the last look are noted; how many were new."""
    by = current_actor()
    return sum(note_due_days(one, by=by, at=at) for one in _laboratories())


def count_indicators(limit: int, at: datetime) -> int:
    """Days that are noted are counted anew, at most `limit` of each laboratory; how many."""
    by = current_actor()
    return sum(count_due_days(one, limit=limit, by=by, at=at) for one in _laboratories())


def _laboratories() -> list[Site]:
    sites = Site.objects.filter(pk__in=current_actor().sites).order_by("pk")
    return [one for one in sites if one.is_laboratory]

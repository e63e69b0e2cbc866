"""What a worker does about comparability."""

from datetime import datetime

from aliquot.foundation.context import current_actor
from aliquot.oversight.comparability.actions import compare_due_months


def compare_months(at: datetime) -> int:
    """Months that were due are computed; how many."""
    return compare_due_months(by=current_actor(), at=at)

"""What a worker does when something failed elsewhere."""

from datetime import datetime

from aliquot.foundation.context import current_actor
from aliquot.oversight.improvement.actions import open_for_failures


def follow_failures(case_ids: list[int], at: datetime) -> None:
    """Open a nonconformity for each failed item of external assessment."""
    open_for_failures(case_ids, by=current_actor(), at=at)

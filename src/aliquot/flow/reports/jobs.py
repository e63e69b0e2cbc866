"""What the reactions start."""

from datetime import datetime

from aliquot.flow.reports.actions import release_reports
from aliquot.foundation.context import current_actor


def report_orders(order_ids: list[int], at: datetime) -> int:
    """Release the reports of these orders, as the process that works off the events."""
    return release_reports(order_ids, by=current_actor(), at=at)

"""What the reactions start."""

from datetime import datetime

from aliquot.flow.reports.actions import release_reports, tell_recipients
from aliquot.foundation.context import current_actor


def report_orders(order_ids: list[int], at: datetime) -> int:
    """Release the reports of these orders, as the process that works off the events."""
    return release_reports(order_ids, by=current_actor(), at=at)


def tell_of_steps(step_ids: list[int], at: datetime) -> int:
    """Tell each site what a look-back did with values that it had been told."""
    return tell_recipients(step_ids, at=at)

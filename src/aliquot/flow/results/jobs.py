"""What a worker does with what analyzers sent."""

from datetime import datetime

from aliquot.flow.results.actions import (
    autoverify_batch,
    compute_tests,
    escalate_calls,
    file_readings,
    follow_opened,
    follow_pending,
    mark_overdue,
    settle_decisions,
)
from aliquot.flow.results.queries import open_decisions
from aliquot.foundation.context import current_actor
from aliquot.foundation.events.actions import record_events


def follow_tests(order_ids: list[int], at: datetime) -> None:
    """Compute, or give up, what is computed in these orders: tests were added, cancelled or given up."""
    compute_tests(order_ids, at=at)


def follow_look_backs(look_back_ids: list[int], at: datetime) -> None:
    """Let what was decided while these look-backs were opened belong to them."""
    follow_opened(look_back_ids, by=current_actor(), at=at)


def record_batch(limit: int, at: datetime) -> int:
    """Turn a batch of messages into results, decided where nobody is in the way; how many results."""
    return file_readings(limit=limit, by=current_actor(), at=at)


def decide_batch(limit: int, at: datetime) -> int:
    """Decide a batch of results that were only recorded, or waited for an index that has come; how many."""
    by = current_actor()
    return autoverify_batch(limit=limit, by=by, at=at) + follow_pending(limit=limit, by=by, at=at)


def climb_ladders(limit: int, at: datetime) -> int:
    """Take the steps that are due of calls that nobody has closed; how many."""
    return escalate_calls(limit=limit, by=current_actor(), at=at)


def mark_waiting(limit: int, at: datetime) -> int:
    """Put results that wait too long before all others; how many."""
    return mark_overdue(limit=limit, by=current_actor(), at=at)


def settle_orders(order_ids: list[int], at: datetime) -> None:
    """Let what people decided go its way; what is not over yet by this worker's clock comes again."""
    settle_decisions(order_ids, by=current_actor(), at=at)
    for order, until in open_decisions(order_ids).items():
        record_events("decision_due", [order], at=at, not_before=until)

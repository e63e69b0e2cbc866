"""What a worker does with what analyzers sent."""

from datetime import datetime

from aliquot.flow.results.actions import autoverify_batch, record_readings
from aliquot.foundation.context import current_actor


def record_batch(limit: int, at: datetime) -> int:
    """Turn a batch of messages into results; how many results."""
    return record_readings(limit=limit, by=current_actor(), at=at)


def decide_batch(limit: int, at: datetime) -> int:
    """Decide a batch of recorded results; how many were decided."""
    return autoverify_batch(limit=limit, by=current_actor(), at=at)

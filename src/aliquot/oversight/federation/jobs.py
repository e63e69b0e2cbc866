"""What a worker does with what other nodes said."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from aliquot.foundation.context import current_actor
from aliquot.oversight.federation.actions import Handler, apply_messages


def carry_out(line_ids: Iterable[int], at: datetime, *, handlers: Mapping[str, Handler]) -> None:
    """Carry out what came on these lines, each in its order."""
    for line_id in line_ids:
        apply_messages(line_id, handlers, by=current_actor(), at=at)

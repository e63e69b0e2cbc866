"""What the reactions start."""

from datetime import datetime

from aliquot.flow.logistics.actions import follow_boxes
from aliquot.foundation.context import current_actor


def follow_picked_up(box_ids: list[int], at: datetime) -> int:  # noqa: ARG001 - the box says when it was picked up
    """Move the tubes of these boxes with them, as the process that works off the events."""
    return follow_boxes(box_ids, by=current_actor())

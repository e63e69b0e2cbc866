"""Who holds a box, and what a tube scanned at a door is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

STEPS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("open", "close"): "closed",
        ("closed", "pick_up"): "in_transit",
        ("closed", "receive"): "received",  # the courier forgot to scan: the box is here all the same
        ("in_transit", "receive"): "received",
    }
)
"""The way of a box: (state, step) -> next state. What is not here is refused."""

ARRIVED = frozenset({"arrived", "accepted", "rejected"})
NOT_DRAWN = frozenset({"planned", "labelled"})


class Arrival(Enum):
    """What a scanned tube is, in the words of reception."""

    RECEIVED = "received"
    EXTRA = "extra"
    OTHER_BOX = "other_box"
    ALREADY = "already"
    UNKNOWN = "unknown"
    OTHER_REGION = "other_region"
    OTHER_LABORATORY = "other_laboratory"
    NOT_COLLECTED = "not_collected"
    CANCELLED = "cancelled"


PUT_ASIDE: Mapping[str, Arrival] = MappingProxyType(
    dict.fromkeys(NOT_DRAWN, Arrival.NOT_COLLECTED) | {"cancelled": Arrival.CANCELLED}
)
"""States in which a tube should not be at a laboratory's door."""


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What is known when a tube is scanned: `tube_state` None when no such tube is seen here.

    `item_outcome` is the tube's line in the box being unpacked, None without one; `expected_in` the number
    of another box that should hold it.
    """

    tube_state: str | None
    is_bound_here: bool = True
    is_of_another_region: bool = False
    item_outcome: str | None = None
    expected_in: str = ""


def next_state(state: str, step: str) -> str | None:
    """The state of a box after `step`, or None when it cannot take that step now."""
    return STEPS.get((state, step))


def judge_scan(scan: ScanFacts) -> Arrival:
    """What this tube is; each case has its own name, and none stops the next scan.

    A tube that was called missing and turns up is received. Source: ISO 15189:2022, 7.2.5 and 7.2.6.1.
    """
    if scan.tube_state is None:
        return Arrival.OTHER_REGION if scan.is_of_another_region else Arrival.UNKNOWN
    if not scan.is_bound_here:
        return Arrival.OTHER_LABORATORY
    if scan.item_outcome in {"received", "extra"} or scan.tube_state in ARRIVED:
        return Arrival.ALREADY
    if scan.tube_state in PUT_ASIDE:
        return PUT_ASIDE[scan.tube_state]
    if scan.item_outcome is not None:
        return Arrival.RECEIVED
    return Arrival.OTHER_BOX if scan.expected_in else Arrival.EXTRA

"""How far a reading got, and which way each row of the ledger may go: nothing leaves it unseen.

The database refuses every other step (migrations 0018, 0020, 0021); `sql/` and `actions/` take exactly these.
"""

from collections.abc import Mapping
from types import MappingProxyType

from aliquot.flow.instruments.rules.matching import Match

MESSAGE_STEPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # came in
        "received": frozenset({"filed", "duplicate", "quarantined"}),
        "asked": frozenset({"answered", "quarantined"}),
        "quarantined": frozenset({"received", "dismissed"}),
        "filed": frozenset({"quarantined"}),  # read again later, and a filed reading is not found any more
        # goes out
        "sending": frozenset({"sent", "delivered", "undelivered", "quarantined"}),
        "sent": frozenset({"delivered", "quarantined"}),
    }
)
MESSAGE_BEGINS = frozenset({"received", "asked", "quarantined", "sending", "sent"})
READING_STEPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "quarantined": frozenset({"received", "dismissed"}),
        "received": frozenset({"filed", "control", "kept", "duplicate", "quarantined"}),
        # read again later, and differently: what replaces them stands beside them
        "control": frozenset({"dismissed"}),
        "kept": frozenset({"dismissed"}),
        "duplicate": frozenset({"dismissed"}),
    }
)
REQUEST_STEPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "noted": frozenset({"sent", "withdrawn"}),
        "queued": frozenset({"sending", "undelivered", "withdrawn"}),
        "sending": frozenset({"sent", "accepted", "refused", "queued", "undelivered", "withdrawn"}),
        "sent": frozenset({"accepted", "refused"}),
        # a person decides: send it again, or program the tube at the analyzer
        "undelivered": frozenset({"queued", "withdrawn"}),
        "refused": frozenset({"queued", "withdrawn"}),
    }
)


def stage_of(match: Match, state: str) -> str:
    """Parsed, mapped, matched or filed: the last thing that is known of a reading in this state."""
    if state == "filed":
        return "filed"
    if match.mapping is None:
        return "parsed"
    return "matched" if match.asked is not None else "mapped"

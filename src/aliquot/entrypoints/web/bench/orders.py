"""What analyzers are told, as a person reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from aliquot.flow.instruments.models import WorkRequest
from aliquot.flow.instruments.queries.outbox import FAILED, ToldOrder
from aliquot.registers.people.queries import names_of

KINDS = {
    "accepted": "good",
    "sent": "accent",
    "sending": "accent",
    "undelivered": "notice",
    "refused": "notice",
}
TO_SEND = frozenset({"queued", "noted"})


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order to an analyzer; `badge` is a badge's kind, `detail` what the analyzer said."""

    id: int
    analyzer_code: str
    analyzer: str
    specimen: str
    is_urgent: bool
    what: str
    codes: str
    dilution: str
    badge: str
    words: str
    attempts: int
    detail: str
    asked_at: datetime
    changed_at: datetime
    by: str
    message_id: int | None
    may_send: bool
    may_withdraw: bool


def order_rows(found: Iterable[ToldOrder]) -> list[OrderRow]:
    """Orders as they are drawn."""
    orders = list(found)
    names = names_of(one.by for one in orders)
    return [_row(one, str(names[one.by].name)) for one in orders]


def _row(one: ToldOrder, by: str) -> OrderRow:
    return OrderRow(
        id=one.id,
        analyzer_code=one.analyzer_code,
        analyzer=one.analyzer,
        specimen=one.specimen_code,
        is_urgent=one.urgency == "S",
        what=str(WorkRequest.Kind(one.kind).label),
        codes=" ".join(one.codes),
        dilution=one.dilution,
        badge=KINDS.get(one.state, "neutral"),
        words=str(WorkRequest.State(one.state).label),
        attempts=one.attempts,
        detail=one.detail,
        asked_at=one.asked_at,
        changed_at=one.changed_at,
        by=by,
        message_id=one.message_id,
        may_send=one.state in FAILED,
        may_withdraw=one.state in FAILED or one.state in TO_SEND,
    )

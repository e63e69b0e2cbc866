"""What waits on the lines to other nodes, and what came and went lately."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q

from aliquot.oversight.federation.models.messages import MessageIn, MessageOut, NodeLine
from aliquot.oversight.federation.models.nodes import Node, NodeKey

WAITING = (MessageOut.State.QUEUED, MessageOut.State.SIGNED)


@dataclass(frozen=True, slots=True)
class LineState:
    """A line with what waits on it: how many messages, since when; and how many came and wait to be done."""

    line: NodeLine
    waiting: int
    waits_since: datetime | None
    not_applied: int

    @property
    def is_in_trouble(self) -> bool:
        """Whether something waits and the last try failed, or there is no address to send it to."""
        return bool(self.waiting and (self.line.fault or not self.line.address))


def is_known(code: str) -> bool:
    """Whether this is another node that belongs to the federation."""
    return Node.objects.filter(code=code, is_self=False, left_at=None).exists()


def is_key_of(code: str, key: str, at: datetime) -> bool:
    """Whether a known node signs with this key at that moment."""
    held = NodeKey.objects.filter(
        node__code=code, node__left_at=None, purpose=NodeKey.Purpose.SIGNING, public=key, since__lte=at
    )
    return held.filter(Q(until__isnull=True) | Q(until__gt=at)).exists()


def lines_to_try(at: datetime) -> list[str]:
    """The nodes to which something waits and whose line is due."""
    waiting = MessageOut.objects.filter(line_id=OuterRef("pk"), state__in=WAITING)
    due = Q(not_before=None) | Q(not_before__lte=at)
    found = NodeLine.objects.exclude(address="").filter(due, Exists(waiting))
    return list(found.order_by("peer").values_list("peer", flat=True))


def line_states() -> list[LineState]:
    """Every line, by the node's code."""
    waits = Q(messages__state__in=WAITING)
    rows = NodeLine.objects.annotate(
        waiting=Count("messages", filter=waits, distinct=True),
        since=Min("messages__queued_at", filter=waits),
    )
    came = dict(
        MessageIn.objects.filter(state=MessageIn.State.KEPT)
        .values_list("line_id")
        .annotate(count=Count("id"))
    )
    return [LineState(one, one.waiting, one.since, came.get(one.pk, 0)) for one in rows.order_by("peer")]


def line_to(peer: str) -> NodeLine | None:
    """The line to a node, or None."""
    return NodeLine.objects.filter(peer=peer).first()


def latest_out(*, limit: int) -> list[MessageOut]:
    """What was queued lately, the newest first; what waits longest is told by the line."""
    return list(MessageOut.objects.select_related("line").order_by("-id")[:limit])


def latest_in(*, limit: int) -> list[MessageIn]:
    """What came lately, the newest first."""
    return list(MessageIn.objects.select_related("line").order_by("-id")[:limit])

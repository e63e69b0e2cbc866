"""Which nodes are known, and the keys that hold at a moment."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from aliquot.foundation.errors import Refused
from aliquot.oversight.federation.models.nodes import Node, NodeKey
from aliquot.oversight.federation.rules.nodes import Card


def own_node() -> Node | None:
    """This installation's own node; None until it has a name."""
    return Node.objects.filter(is_self=True).first()


def named_node() -> Node:
    """This installation's own node. Raises Refused, with what to do, until it has a name."""
    if (found := own_node()) is None:
        raise Refused(_("This node has no name yet. Run: aliquot node name CODE --en NAME --ru NAME"))
    return found


def key_of(node: Node, purpose: NodeKey.Purpose, *, at: datetime) -> str | None:
    """The public half that holds for a node at a moment; None when none did."""
    held = NodeKey.objects.filter(node=node, purpose=purpose, since__lte=at)
    return held.filter(Q(until__isnull=True) | Q(until__gt=at)).values_list("public", flat=True).first()


def own_card(*, at: datetime) -> Card:
    """What this node says of itself. Raises Refused until it has a name."""
    node = named_node()
    keys = {purpose: key_of(node, purpose, at=at) for purpose in NodeKey.Purpose}
    return Card(
        node.code,
        node.kind,
        node.name_en,
        node.name_ru,
        keys[NodeKey.Purpose.SIGNING] or "",
        keys[NodeKey.Purpose.SEALING] or "",
    )

"""Tables of the federation."""

from aliquot.oversight.federation.models.messages import MessageIn, MessageOut, NodeLine
from aliquot.oversight.federation.models.nodes import Node, NodeKey

__all__ = ["MessageIn", "MessageOut", "Node", "NodeKey", "NodeLine"]

"""Tables of the federation."""

from aliquot.oversight.federation.models.nodes import Node, NodeKey

__all__ = ["Node", "NodeKey"]

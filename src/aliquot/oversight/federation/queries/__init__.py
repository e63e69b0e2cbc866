"""What others may ask of the federation."""

from aliquot.oversight.federation.queries.nodes import key_of, own_card, own_node

__all__ = ["key_of", "own_card", "own_node"]

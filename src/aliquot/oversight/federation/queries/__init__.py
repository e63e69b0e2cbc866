"""What others may ask of the federation."""

from aliquot.oversight.federation.queries.messages import (
    LineState,
    latest_in,
    latest_out,
    line_states,
    line_to,
    lines_to_try,
)
from aliquot.oversight.federation.queries.nodes import key_of, own_card, own_node

__all__ = [
    "LineState",
    "key_of",
    "latest_in",
    "latest_out",
    "line_states",
    "line_to",
    "lines_to_try",
    "own_card",
    "own_node",
]

"""What changes the federation: names and keys of nodes."""

from aliquot.oversight.federation.actions.nodes import (
    introduce_node,
    name_node,
    renew_signing_key,
    sign_as_this_node,
)

__all__ = ["introduce_node", "name_node", "renew_signing_key", "sign_as_this_node"]

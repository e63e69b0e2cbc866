"""Another node that this one knows, with a key that tests sign with."""

from aliquot.foundation.actors import system_actor
from aliquot.foundation.seals import public_half
from aliquot.oversight.federation.models import Node, NodeKey
from tests.regions import IN_FORCE

HERE, PEER = "tula", "federation"
PEERS_KEY = "QSB0ZXN0J3MgZmVkZXJhdGlvbiBzaWducyBzby4uLi4="
BY = system_actor("test")


def know_peer(code: str = PEER, private: str = PEERS_KEY) -> Node:
    """A node that is known, with its signing key, long before any test."""
    node = Node.objects.create(code=code, kind="federation", name_en=code, name_ru=code, known_at=IN_FORCE)
    NodeKey.objects.create(
        node=node, purpose=NodeKey.Purpose.SIGNING, public=public_half(private), since=IN_FORCE
    )
    return node

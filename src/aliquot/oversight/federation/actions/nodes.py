"""Name this node and make its keys; keep what another node says of itself."""

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import (
    make_signing_key,
    public_half,
    receiver_of,
    seal_key_of,
    sign,
    signing_key_of,
)
from aliquot.foundation.secret_files import keep_secret
from aliquot.oversight.federation.models.nodes import Node, NodeKey
from aliquot.oversight.federation.queries.nodes import key_of, named_node, own_node
from aliquot.oversight.federation.rules.nodes import Card, is_code

SIGNING_FILE = "node_signing"


def name_node(
    code: str, *, kind: str, name_en: str, name_ru: str, home: Path, by: Actor, at: datetime
) -> Node:
    """Give this installation its name and its keys, private halves in `home/secrets`; return its node.

    Said again with the same code it changes the names alone. Raises Refused for another code: it names
    schemas, and other nodes know it.
    """
    by.require("manage_registers")
    if not is_code(code):
        words = _("“%(code)s” is no code: two to 31 small Latin letters, digits or _, a letter first.")
        raise Refused(words % {"code": code})
    with transaction.atomic():
        node = own_node()
        if node and (node.code, node.kind) != (code, kind):
            words = _("This node is %(code)s (%(kind)s) already, and others know it by that.")
            raise Refused(words % {"code": node.code, "kind": node.get_kind_display()})
        names = {"name_en": name_en, "name_ru": name_ru}
        if node is None:
            return _made(Node(code=code, kind=kind, is_self=True, known_at=at, **names), home, at)
        Node.objects.filter(pk=node.pk).update(**names)
    return named_node()


def _made(node: Node, home: Path, at: datetime) -> Node:
    node.save(force_insert=True)
    publics = {
        NodeKey.Purpose.SIGNING: public_half(signing_key_of(home)),
        NodeKey.Purpose.SEALING: receiver_of(seal_key_of(home)),
    }
    for purpose, public in publics.items():
        NodeKey.objects.create(node=node, purpose=purpose, public=public, since=at)
    return node


def introduce_node(card: Card, *, by: Actor, at: datetime) -> Node:
    """Keep another node with the keys of its card, from now on; return it. Again it changes nothing.

    A key that differs from the one held ends that one. Raises Refused for this node's own card, and for a
    code that is known as something else.
    """
    by.require("manage_registers")
    with transaction.atomic():
        node = Node.objects.filter(code=card.code).first()
        if node and node.is_self:
            raise Refused(_("%(code)s is this node itself.") % {"code": card.code})
        if node and node.kind != card.kind:
            words = _("%(code)s is known as %(kind)s.")
            raise Refused(words % {"code": card.code, "kind": node.get_kind_display()})
        names = {"name_en": card.name_en, "name_ru": card.name_ru}
        if node is None:
            node = Node.objects.create(code=card.code, kind=card.kind, known_at=at, **names)
        else:
            Node.objects.filter(pk=node.pk).update(left_at=None, **names)
        _hold(node, NodeKey.Purpose.SIGNING, card.signing, at)
        _hold(node, NodeKey.Purpose.SEALING, card.sealing, at)
    node.refresh_from_db()
    return node


def renew_signing_key(*, home: Path, by: Actor, at: datetime) -> str:
    """Replace this node's signing key; return the new public half. Others learn it by a new card.

    The file changes before the row: cut off between the two, signing is refused until this is done again.
    """
    by.require("manage_registers")
    node = named_node()
    with transaction.atomic():
        private = make_signing_key()
        NodeKey.objects.filter(node=node, purpose=NodeKey.Purpose.SIGNING, until__isnull=True).update(
            until=at
        )
        NodeKey.objects.create(
            node=node, purpose=NodeKey.Purpose.SIGNING, public=public_half(private), since=at
        )
        file = home / "secrets" / SIGNING_FILE
        half = file.with_name(f"{SIGNING_FILE}.new")
        half.unlink(missing_ok=True)
        keep_secret(half, private)
        half.replace(file)
    return public_half(private)


def sign_as_this_node(message: bytes, *, home: Path, at: datetime) -> str:
    """The signature of this node under these bytes, 64 bytes in base64.

    Raises Refused when the key in the home is not the one that others know.
    """
    node = named_node()
    private = signing_key_of(home)
    if public_half(private) != key_of(node, NodeKey.Purpose.SIGNING, at=at):
        raise Refused(
            _("The key in this home is not the one that others know. Run: aliquot node key --renew")
        )
    return sign(message, private)


def _hold(node: Node, purpose: NodeKey.Purpose, public: str, at: datetime) -> None:
    if key_of(node, purpose, at=at) == public:
        return
    if NodeKey.objects.filter(purpose=purpose, public=public).exists():
        words = _("The key of %(code)s was in use before, here or by another node: it has to be a new one.")
        raise Refused(words % {"code": node.code})
    NodeKey.objects.filter(node=node, purpose=purpose, until__isnull=True).update(until=at)
    NodeKey.objects.create(node=node, purpose=purpose, public=public, since=at)

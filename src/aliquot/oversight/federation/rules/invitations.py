"""What a region's invitation carries: who it is, how its export is reached; in the form that is signed."""

from collections.abc import Mapping
from dataclasses import dataclass

from aliquot.oversight.federation.rules.nodes import Card, Unusable, canonical, card_values, read_card, say

WHAT = "aliquot invitation 1"
NOT_AN_INVITATION = say("This is no invitation of a region, or one of another version of the program.")
LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Invitation:
    """The region's card, the federation it is meant for, and the way to the export server."""

    card: Card
    receiver: str
    host: str
    port: int
    database: str
    user: str
    password: str


def invitation_bytes(invitation: Invitation) -> bytes:
    """The bytes that the region signs."""
    return canonical(
        {
            "what": WHAT,
            "card": card_values(invitation.card),
            "receiver": invitation.receiver,
            "host": invitation.host,
            "port": str(invitation.port),
            "database": invitation.database,
            "user": invitation.user,
            "password": invitation.password,
        }
    )


def read_invitation(values: object) -> Invitation:
    """The invitation in these values. Raises Unusable, naming what is wrong."""
    names = ("receiver", "host", "port", "database", "user", "password")
    if (
        not isinstance(values, Mapping)
        or values.get("what") != WHAT
        or set(values) != {"what", "card", *names}
    ):
        raise Unusable(NOT_AN_INVITATION)
    facts = {name: values[name] for name in names}
    if not all(isinstance(one, str) and one for one in facts.values()):
        raise Unusable(NOT_AN_INVITATION)
    if not facts["port"].isdecimal() or not 0 < int(facts["port"]) <= LARGEST_PORT:
        raise Unusable(NOT_AN_INVITATION)
    return Invitation(read_card(values["card"]), **{**facts, "port": int(facts["port"])})

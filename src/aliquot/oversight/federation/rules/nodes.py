"""Codes of nodes, and the card by which one node makes itself known to another.

A card is a JSON object in canonical form (RFC 8785 for the values used here: texts alone, names sorted, no
spaces), so that what is signed is the same on every machine.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

CODE = r"^[a-z][a-z0-9_]{1,30}$"
"""A node's code: it names a schema (63 bytes at most) and a role, so nothing in it needs quoting."""

KINDS = ("region", "federation")


def say(sentence: str) -> str:
    """Mark a sentence for translation; it is put into the reader's language where it is shown."""
    return sentence


KEY_BYTES = 32
GROUP = 4
GROUPS = 8
BEFORE_KEY = "age1"
NOT_A_CARD = say("This is no card of a node.")
WRONG_CODE = say("“{code}” is no code of a node: two to 31 small Latin letters, digits or _, a letter first.")
WRONG_KIND = say("A node is a region or the federation, not “{kind}”.")
WRONG_KEY = say("The card of {code} carries no usable public keys.")
NO_NAME = say("The card of {code} says no name in English and Russian.")


@dataclass(frozen=True, slots=True)
class Card:
    """What a node says of itself: code, kind, names, public halves of its keys."""

    code: str
    kind: str
    name_en: str
    name_ru: str
    signing: str
    sealing: str


class Unusable(ValueError):  # noqa: N818 - the name states the fact, as Refused does
    """A card cannot be used; `reason` is a message id, `values` its gaps."""

    def __init__(self, reason: str, **values: str) -> None:
        super().__init__(reason.format(**values))
        self.reason = reason
        self.values = values


def is_code(text: str) -> bool:
    """Whether this may be a node's code."""
    return re.fullmatch(CODE.strip("^$"), text) is not None


def canonical(values: Mapping[str, object]) -> bytes:
    """The bytes that are signed for these values: one form on every machine. RFC 8785."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def card_values(card: Card) -> dict[str, str]:
    """The card as names and texts, for JSON."""
    return asdict(card)


def read_card(values: object) -> Card:
    """The card in these values. Raises Unusable, naming what is wrong."""
    if not isinstance(values, Mapping) or set(values) != set(Card.__slots__):
        raise Unusable(NOT_A_CARD)
    if not all(isinstance(one, str) for one in values.values()):
        raise Unusable(NOT_A_CARD)
    card = Card(**values)
    if not is_code(card.code):
        raise Unusable(WRONG_CODE, code=card.code[: GROUP * GROUPS])
    if card.kind not in KINDS:
        raise Unusable(WRONG_KIND, kind=card.kind[: GROUP * GROUPS])
    if not card.name_en.strip() or not card.name_ru.strip():
        raise Unusable(NO_NAME, code=card.code)
    if not _is_key(card.signing) or not card.sealing.startswith(BEFORE_KEY):
        raise Unusable(WRONG_KEY, code=card.code)
    return card


def fingerprint(card: Card) -> str:
    """What two people read to each other to compare a card: 32 hexadecimal digits in groups of four.

    The first 128 bits of SHA-256 over the canonical card, so keys, code and names are compared at once.
    """
    digits = hashlib.sha256(canonical(card_values(card))).hexdigest()[: GROUP * GROUPS]
    return " ".join(digits[place : place + GROUP] for place in range(0, len(digits), GROUP))


def is_same_fingerprint(said: str, card: Card) -> bool:
    """Whether what somebody typed is this card's fingerprint; spaces and capitals do not matter."""
    return re.sub(r"\s", "", said).lower() == fingerprint(card).replace(" ", "")


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False

"""A message between nodes as bytes: one canonical text, so that a signature says one thing only.

Source: RFC 8785 (JSON in one form: names sorted, no white space, UTF-8), without its fractions: a message
carries whole numbers and texts, a measured value is a text. RFC 8032 (Ed25519) signs what `to_sign` returns.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

FORMAT: Final = 1
"""The form this program writes."""
OLDEST_READ: Final = 1
LARGEST_BYTES: Final = 1_000_000
MESSAGE, RECEIPT = "message", "receipt"
_PURPOSE: Final = {
    MESSAGE: b"aliquot node message\n",
    RECEIPT: b"aliquot node receipt\n",
}  # a signature of one is none of the other
_KIND: Final = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*", re.ASCII)
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_NAMES: Final = frozenset(
    {"format", "id", "from", "to", "stream", "sequence", "kind", "made_at", "program", "body"}
)
_LARGEST_SEQUENCE: Final = 2**53


class UnreadableError(ValueError):
    """Bytes that are no message; `code` is a code of `faults.SENTENCES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message: from which node to which, the how-manieth of its stream, of what kind, and what it says.

    `stream` is a run of numbers without gaps between two nodes; a sender that lost its count begins another.
    `made_at` in ISO 8601 with a zone; `program` is the sender's version, for people.
    """

    id: str
    sender: str
    receiver: str
    stream: str
    sequence: int
    kind: str
    made_at: str
    program: str
    body: Mapping[str, Any]


def is_kind(text: str) -> bool:
    """Whether this may be a kind of message: two words of small letters with a point between."""
    return _KIND.fullmatch(text) is not None


def canonical(value: Any) -> bytes:
    """The one text of these names and values; ValueError for a fraction, or any other thing."""
    _require_plain(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as fault:  # half a character, or a number beyond 64 bits
        raise ValueError(f"this has no place in a message: {fault}") from fault


def write_envelope(one: Envelope) -> bytes:
    """The bytes of a message, as they are signed, sent and kept."""
    return canonical(
        {
            "format": FORMAT,
            "id": one.id,
            "from": one.sender,
            "to": one.receiver,
            "stream": one.stream,
            "sequence": one.sequence,
            "kind": one.kind,
            "made_at": one.made_at,
            "program": one.program,
            "body": dict(one.body),
        }
    )


def read_envelope(content: bytes) -> Envelope:
    """The message of these bytes; UnreadableError, with the code of what is wrong, for any others.

    The form is looked at first: a form that is too old or too new is said to be that, not to be wrong.
    """
    if len(content) > LARGEST_BYTES:
        raise UnreadableError("too_large")
    found = _object(content)
    _require_format(found.get("format"))
    if found.keys() != _NAMES:
        raise UnreadableError("unreadable")
    if canonical(found) != content:
        raise UnreadableError("not_canonical")
    return _envelope(found)


def to_sign(content: bytes, purpose: str) -> bytes:
    """What is signed: the purpose, then the content; a receipt's signature never passes for a message's."""
    return _PURPOSE[purpose] + content


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(content)
        _require_plain(found)
    except (ValueError, RecursionError):
        raise UnreadableError("unreadable") from None
    if not isinstance(found, dict):
        raise UnreadableError("unreadable")
    return found


def _require_format(said: object) -> None:
    if not isinstance(said, int) or isinstance(said, bool):
        raise UnreadableError("unreadable")
    if said < OLDEST_READ:
        raise UnreadableError("format_too_old")
    if said > FORMAT:
        raise UnreadableError("format_too_new")


def _envelope(found: dict[str, Any]) -> Envelope:
    one = Envelope(
        id=found["id"],
        sender=found["from"],
        receiver=found["to"],
        stream=found["stream"],
        sequence=found["sequence"],
        kind=found["kind"],
        made_at=found["made_at"],
        program=found["program"],
        body=found["body"],
    )
    if not (_has_names(one) and _has_numbers(one) and isinstance(one.body, dict)):
        raise UnreadableError("unreadable")
    return one


def _has_names(one: Envelope) -> bool:
    texts = (one.id, one.sender, one.receiver, one.stream, one.kind, one.made_at, one.program)
    if not all(isinstance(text, str) for text in texts):
        return False
    return bool(_CODE.fullmatch(one.sender) and _CODE.fullmatch(one.receiver) and is_kind(one.kind))


def _has_numbers(one: Envelope) -> bool:
    is_whole = isinstance(one.sequence, int) and not isinstance(one.sequence, bool)
    if not is_whole or not 1 <= one.sequence < _LARGEST_SEQUENCE:
        return False
    return _is_uuid(one.id) and _is_uuid(one.stream) and _is_moment(one.made_at)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _require_plain(value: Any) -> None:
    if isinstance(value, dict):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("a name in a message is a text")
        for part in value.values():
            _require_plain(part)
    elif isinstance(value, list):
        for part in value:
            _require_plain(part)
    elif value is not None and not isinstance(value, str | int):  # a bool is an int
        raise ValueError(f"{type(value).__name__} has no place in a message")

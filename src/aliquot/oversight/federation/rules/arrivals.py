"""What becomes of a message at the node that it reached: kept, told again, or refused with a code."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from aliquot.oversight.federation.rules.envelopes import FORMAT, Envelope, canonical

KEPT, REFUSED = "kept", "refused"
_RECEIPT_NAMES: Final = frozenset(
    {"format", "message", "digest", "from", "to", "verdict", "code", "expected", "at"}
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a message whose sender signed it.

    `here` is our own code; `known_digest` the SHA-256 of what was kept under this id in this stream, empty
    when nothing was; `copied` whether what was kept in an earlier stream says the same, None when nothing
    was; `last` is the last number of the stream that was kept, 0 for none.
    """

    envelope: Envelope
    digest: str
    here: str
    known_digest: str = ""
    copied: bool | None = None
    last: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is empty when the message is kept, now or before (`is_repeat`); `expected` is the next number.

    `is_copy`: it takes its number in this stream and is not carried out again.
    """

    code: str = ""
    is_repeat: bool = False
    is_copy: bool = False
    expected: int = 0


def judge_sender(*, is_known: bool, has_key: bool, is_signed: bool) -> str:
    """The code of what is wrong with whoever says to have sent this; empty when nothing is.

    Asked before anything else of a message is believed.
    """
    if not is_known:
        return "unknown_sender"
    if not has_key:
        return "unknown_key"
    return "" if is_signed else "bad_signature"


def judge_arrival(one: Arrival) -> Verdict:
    """Whether a message is kept; the first fault names it.

    The same id with the same bytes is answered as before; with other bytes it is refused. A number beyond the
    next one waits for those before it. A sender that began its count anew sends what it is not sure of again:
    what was kept in an earlier stream is counted, and not carried out twice.
    """
    if one.envelope.receiver != one.here:
        return Verdict("wrong_receiver")
    if one.known_digest:
        return Verdict(is_repeat=True) if one.known_digest == one.digest else Verdict("other_content")
    if one.copied is False:
        return Verdict("other_content")
    if one.envelope.sequence <= one.last:
        return Verdict("number_taken", expected=one.last + 1)
    if one.envelope.sequence > one.last + 1:
        return Verdict("out_of_order", expected=one.last + 1)
    return Verdict(is_copy=one.copied is True)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one message, by its id and its bytes: kept, or refused with a code; the next number."""

    message: str
    digest: str
    sender: str
    receiver: str
    verdict: str
    code: str
    expected: int
    at: str


def write_receipt(one: Receipt) -> bytes:
    """The bytes of a receipt, as they are signed; `sender` is the node that answers."""
    return canonical(
        {
            "format": FORMAT,
            "message": one.message,
            "digest": one.digest,
            "from": one.sender,
            "to": one.receiver,
            "verdict": one.verdict,
            "code": one.code,
            "expected": one.expected,
            "at": one.at,
        }
    )


def read_receipt(content: bytes) -> Receipt | None:
    """The receipt of these bytes, or None when they are none."""
    try:
        found: Any = orjson.loads(content)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.keys() != _RECEIPT_NAMES:
        return None
    one = Receipt(
        message=found["message"],
        digest=found["digest"],
        sender=found["from"],
        receiver=found["to"],
        verdict=found["verdict"],
        code=found["code"],
        expected=found["expected"],
        at=found["at"],
    )
    return one if _is_whole(one) else None


def _is_whole(one: Receipt) -> bool:
    texts = (one.message, one.digest, one.sender, one.receiver, one.verdict, one.code, one.at)
    is_number = isinstance(one.expected, int) and not isinstance(one.expected, bool)
    return all(isinstance(text, str) for text in texts) and is_number and one.verdict in {KEPT, REFUSED}

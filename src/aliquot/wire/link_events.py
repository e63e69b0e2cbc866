"""What a link of any protocol tells its owner; an event's reply is written once the event is kept."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The other side bid for the line (ENQ) and is given it."""

    reply: bytes


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The transfer ended: by EOT, by the receiver's timer, or with the connection."""

    reason: str
    reply: bytes = b""


@dataclass(frozen=True, slots=True)
class FrameAccepted:
    """A frame was accepted that completes no message: a part of one, or a step of the dialogue.

    `number` is 0 where the protocol does not number its frames.
    """

    number: int
    reply: bytes


@dataclass(frozen=True, slots=True)
class FrameRepeated:
    """What was answered before came again, or was asked about: answered again, not stored twice."""

    number: int
    reply: bytes


@dataclass(frozen=True, slots=True)
class FrameRefused:
    """A frame was not accepted; nothing of it enters a message."""

    raw: bytes
    reason: str
    reply: bytes


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A whole message, its frames joined. Commit it, then write the reply: that is its receipt.

    `unterminated`: the next header came before its L record.
    """

    content: bytes
    reply: bytes
    unterminated: bool = False


@dataclass(frozen=True, slots=True)
class MessageIncomplete:
    """A message that broke off: kept for a person, never filed. `raw` is the joined text so far."""

    raw: bytes
    reason: str
    reply: bytes = b""


@dataclass(frozen=True, slots=True)
class Unintelligible:
    """Bytes with something in them that are no message, e.g. a session that begins in the middle."""

    raw: bytes
    reason: str
    reply: bytes = b""


@dataclass(frozen=True, slots=True)
class MessageDelivered:
    """The other side acknowledged the whole message that was sent with this tag; `answer` is what it said."""

    tag: object
    reply: bytes = b""
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class MessageUndelivered:
    """The message was not acknowledged whole; it has to be sent again from its first record, or given up.

    With an `answer` the other side has refused it in so many words, and sending it again would not help.
    """

    tag: object
    reason: str
    reply: bytes = b""
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class AnswerUnmatched:
    """An acknowledgement of a message that is not outstanding, e.g. it came too late: it settles nothing."""

    raw: bytes
    reason: str
    reply: bytes = b""


Event: TypeAlias = (
    SessionOpened
    | SessionClosed
    | FrameAccepted
    | FrameRepeated
    | FrameRefused
    | MessageReceived
    | MessageIncomplete
    | Unintelligible
    | MessageDelivered
    | MessageUndelivered
    | AnswerUnmatched
)

"""One connection that speaks HL7 over MLLP, both roles: blocks in, acknowledgements out, and back."""

from collections.abc import Sequence
from dataclasses import replace

from aliquot.wire.hl7 import Hl7Error, Hl7Message, damage_of, parse, split_messages
from aliquot.wire.link import Role
from aliquot.wire.link_events import (
    AnswerUnmatched,
    Event,
    MessageIncomplete,
    MessageReceived,
    Unintelligible,
)
from aliquot.wire.mllp.answers import Answer, answer_of
from aliquot.wire.mllp.profile import CR, FS, STANDARD, VT, MllpProfile
from aliquot.wire.mllp.reader import BlockReader, Piece
from aliquot.wire.mllp.receipts import commit_receipt, receipt, refusal
from aliquot.wire.mllp.sender import MllpSender

_CONTROLS = bytes([*range(9), 12, *range(14, 32)])
_CONTROLS_JIS = _CONTROLS.replace(b"\x1b", b"")  # ISO 2022 switches by ESC
_RELEASE_2 = (b"\x06", b"\x15")  # MLLP release 2, section 2.1.2
_BATCH = (b"FHS", b"BHS")
_PADDING = b"\x00 \t\r\n"


class MllpLink:
    """Both directions of one HL7 connection; the owner does the input and output.

    A message that is told carries its acknowledgement as the reply: commit it, then write that. Messages of
    both sides may cross. Control ids of replies count up from one.
    """

    def __init__(self, role: Role = "computer", profile: MllpProfile = STANDARD) -> None:
        self.role, self.profile = role, profile
        self.reader, self.sender = BlockReader(profile), MllpSender(profile)
        self._replies = 0

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes brought about, in order."""
        events = self.sender.told()
        for piece in self.reader.receive(data, now):
            events += self._events_of(piece, now)
        return events

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message, segments without CR, MSH-10 filled in; `tag` comes back when it is settled."""
        self.sender.send(records, tag)

    def outgoing(self, now: float) -> bytes:
        """Return, once, what this side has to say of its own accord."""
        return self.sender.outgoing(now)

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about."""
        events = [event for piece in self.reader.overdue(now) for event in self._events_of(piece, now)]
        return events + self.sender.overdue(now)

    def closed(self) -> list[Event]:
        """Return what the end of the connection leaves incomplete or undelivered."""
        events = [event for piece in self.reader.closed() for event in self._events_of(piece, 0.0)]
        return events + self.sender.closed()

    def take_answer(self, content: bytes, now: float) -> list[Event]:
        """Return what an acknowledgement brings about that came over the other socket of the same model."""
        return self._events_of(Piece(content), now)

    def is_awaiting(self, content: bytes) -> bool:
        """Whether this acknowledges the message outstanding here, whichever socket it came over."""
        try:
            answer = answer_of(parse(content))
        except Hl7Error:
            return False
        return answer is not None and self.sender.awaits(answer.control_id)

    @property
    def next_deadline(self) -> float | None:
        """The time at which `overdue` wants to be called, or None."""
        deadlines = (self.reader.deadline, self.sender.next_deadline)
        return min((one for one in deadlines if one is not None), default=None)

    # -- what a piece is ------------------------------------------------------------------------------

    def _events_of(self, piece: Piece, now: float) -> list[Event]:
        if piece.fault:
            reply = self._refusal(piece, piece.fault) if piece.refuse else b""
            kind = MessageIncomplete if piece.broken_off else Unintelligible
            return [kind(piece.raw, piece.fault, reply)]
        content = piece.raw
        if content.strip(_PADDING) in _RELEASE_2:
            return [
                AnswerUnmatched(content, "a commit acknowledgement of MLLP release 2, which settles nothing")
            ]
        if content.count(b"MSH") > 1 or content[:3] in _BATCH:
            parts = split_messages(content)
            if parts and parts != [content]:
                return [event for part in parts for event in self._events_of(replace(piece, raw=part), now)]
        return self._events_of_message(piece, now)

    def _events_of_message(self, piece: Piece, now: float) -> list[Event]:
        content = piece.raw
        fault, message = self._understood(content)
        if message is None:
            return [Unintelligible(content, fault, self._refusal(piece, fault))]
        answer = answer_of(message)
        if answer is None:
            reply = receipt(message, self.profile, self._number())
            return [MessageReceived(_plain(content, message), self._framed(reply, piece))]
        return self._answered(message, answer, content, now)

    def _understood(self, content: bytes) -> tuple[str, Hl7Message | None]:
        """Return (why it is no message, the message)."""
        controls = _CONTROLS_JIS if b"ISO IR" in content[:400] else _CONTROLS
        if not self.profile.keeps_controls and _holds(content.strip(_PADDING), controls):
            return "a control character that may not stand in a message", None
        try:
            message = parse(content)
        except Hl7Error as error:
            return str(error), None
        fault = damage_of(message)
        return fault, None if fault else message

    def _answered(self, message: Hl7Message, answer: Answer, content: bytes, now: float) -> list[Event]:
        """Results in an answer (ORF^R04) are also a message received, whether or not it was awaited."""
        reply = commit_receipt(message, self._number())
        kept: list[Event] = [MessageReceived(content, reply)] if message.first("OBX") else []
        rest = b"" if kept else reply
        if self.sender.awaits(answer.control_id):
            told = self.sender.take(answer, content, rest, now)
            return [*told, *kept] or self._quiet(rest, content)
        fault = f"nothing is outstanding with MSH-10 {answer.control_id[:60]!r}"
        return kept or [AnswerUnmatched(content, fault, reply)]

    def _quiet(self, reply: bytes, content: bytes) -> list[Event]:
        """A CA on the way to the application's answer is told only when it wants a reply itself."""
        return [AnswerUnmatched(content, "received by the other side (CA)", reply)] if reply else []

    def _refusal(self, piece: Piece, reason: str) -> bytes:
        return self._framed(refusal(piece.raw, reason, self._number()), piece)

    def _framed(self, reply: bytes, piece: Piece) -> bytes:
        """A model that sends bare text is answered so."""
        return reply.replace(VT, b"").replace(FS + CR, b"") if piece.bare else reply

    def _number(self) -> int:
        self._replies += 1
        return self._replies


def _holds(text: bytes, characters: bytes) -> bool:
    """Whether one of these stands in the text: several times as fast as a search for the class of them."""
    return len(text.translate(None, characters)) != len(text)


def _plain(content: bytes, message: Hl7Message) -> bytes:
    """The message with CR behind each segment: sent again with other line ends it is the same message."""
    return bytes(message) if b"\n" in content and not message.charset_fault else content

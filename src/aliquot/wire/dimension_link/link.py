"""One connection of a Dimension, in either role."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from aliquot.wire.blocks import ACK, ENQ, ETX, NAK, STX, Block, BlockCutter, Broken
from aliquot.wire.dialogue import Dialogue, QueuedMessage
from aliquot.wire.dimension_link.tables import TABLE, DimensionProfile, Input, State
from aliquot.wire.link_events import (
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageReceived,
    MessageUndelivered,
)
from aliquot.wire.sums import checksum

FS = b"\x1c"
BODY_TIMER = 5.0  # seconds from STX to ETX
NAKS = 4
NOTHING, ACCEPTED = b"N" + FS, b"M" + FS + b"A" + FS + FS
REASONS = {
    b"1": "request in process",
    b"2": "result no longer available",
    b"3": "sample carrier in use",
    b"4": "no memory to store the request",
    b"5": "error in the test request",
    b"7": "sample carrier full",
    b"8": "no known carriers",
    b"9": "incorrect fluid type",
}
_SPECIMEN = 5  # of D, counted from 0


_SINGLES = {ENQ: Input.ENQ, ACK: Input.ACK, NAK: Input.NAK}


@dataclass(slots=True)
class DimensionLink(Dialogue[State, Input]):
    """One connection; the owner keeps every event, then writes its reply, then `outgoing`.

    The reply to a result is ACK and its acceptance, so both wait for the commit. An order is delivered when
    the analyzer has accepted it; a query's answer comes by `send`, or is N when none came in time.
    """

    profile: DimensionProfile = field(default_factory=DimensionProfile)
    _queue: deque[QueuedMessage] = field(default_factory=deque)
    _current: QueuedMessage | None = None  # whose body is on the line; None: a frame of our own accord
    _sent: bytes = b""  # the body on the line
    _naks: int = 0
    _asked: bytes = b""  # the query that is owed an answer
    _accepted: bytes = b""  # the last result or order that was accepted
    _is_first_poll: bool = True
    _reply: bytes = ACK  # our last ACK or NAK

    def __post_init__(self) -> None:
        self.state, self._table = State.IDLE, TABLE
        self._cutter = BlockCutter(breaks=ENQ, timer=BODY_TIMER)

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message, each element the body of a frame without its checksum."""
        self._queue.append(QueuedMessage(deque(records), tag))

    def _give_back_all(self, reason: str) -> None:
        while self._queue:
            self._current = self._queue[0]
            self._undelivered(reason)
        self.state = State.IDLE

    # -- inputs ---------------------------------------------------------------------------------------

    def _speak(self, now: float) -> None:
        if self.state is State.ANSWERING or (self.role == "instrument" and self.state is State.IDLE):
            message = self._next_message()
            if message:
                self._current = message
                self._apply(Input.HAVE_DATA, now)
        if self.role == "instrument" and self.state is State.IDLE and self.deadline is None:
            self.deadline = now + self.profile.poll_interval if self.profile.polls else None

    def _judge_silence(self, now: float) -> None:
        self._apply(Input.TIMER, now)

    def _judge_broken(self, broken: Broken, now: float) -> None:
        self._apply(Input.BAD, now, broken.raw, broken.reason)

    def _judge_single(self, char: bytes, now: float) -> None:
        # a reply that came before our frame has left cannot answer it, e.g. a doubled ACK
        if char in _SINGLES and not (self._outbox and char in (ACK, NAK)):
            self._apply(self._judge(_SINGLES[char]), now)

    def _judge(self, given: Input) -> Input:
        if given is Input.NAK and self._naks + 1 >= NAKS:
            return Input.NAK_LAST
        is_final = self._sent[:1] in (b"N", b"M") and given is Input.ACK
        return Input.ACK_FINAL if is_final else given

    def _judge_block(self, block: Block, now: float) -> None:
        text, body, total = block.text, block.text[:-2], block.text[-2:].upper()
        if not body or total != checksum(body):
            self._apply(Input.BAD, now, text, "wrong checksum")
        else:
            self._apply(self._judge_body(body), now, body)

    def _judge_body(self, body: bytes) -> Input:
        kind, fields = body[:1], body.split(FS)
        if self.role == "instrument":
            if kind == b"D":
                return Input.SAME_ORDER if body == self._accepted and self._sent == ACCEPTED else Input.ORDER
            return {b"N": Input.NOTHING, b"M": Input.VERDICT}.get(kind, Input.OTHER)
        if kind == b"P":
            return Input.POLL if fields[2:4] == [b"0", b"1"] else Input.BUSY_POLL
        if kind == b"I":
            is_same = self.state is State.ANSWERING and body == self._asked
            return Input.SAME_QUERY if is_same else Input.QUERY
        if kind in (b"R", b"C"):
            return Input.SAME_RESULT if body == self._accepted else Input.RESULT
        return Input.VERDICT if kind == b"M" else Input.OTHER

    def _timer(self, now: float, given: Input, action: str) -> float | None:
        del given
        if action in _PASSIVE:
            return self.deadline
        profile = self.profile
        if self.state is State.IDLE:
            return None
        if self.state is State.ANSWERING:
            return now + profile.answer_timer - profile.answer_reserve
        is_brief = self.state is State.SENT or self._sent[:1] in (b"R", b"C")
        return now + (profile.reply_timer if is_brief else profile.answer_timer)

    # -- frames that came -----------------------------------------------------------------------------

    def _answer_poll(self, _: bytes) -> None:
        self._go_on()
        self._tell(FrameAccepted(0, ACK))
        message = next((one for one in self._queue if one.bodies[0][:1] == b"D"), None)
        self._current = message
        self._write(message.bodies[0] if message else NOTHING)

    def _decline_poll(self, _: bytes) -> None:
        self._go_on()
        self._tell(FrameAccepted(0, ACK))
        self._write(NOTHING)

    def _take_query(self, body: bytes) -> None:
        self._go_on()
        self._asked = body
        self._tell(MessageReceived(body, ACK))

    def _take_result(self, body: bytes) -> None:
        self._go_on()
        self._accepted = body
        self._tell(MessageReceived(body, ACK + self._accept()))

    def _accept_again(self, _: bytes) -> None:
        self._tell(FrameRepeated(0, ACK + self._accept()))

    def _take_order(self, body: bytes) -> None:
        """An order for a simulated analyzer: the answer to its question, or to its poll."""
        self._accepted = body
        reply = ACK + framed(ACCEPTED)
        if self._current is not None and self._sent[:1] == b"I":
            self._settle(body, reply)
        else:
            self._go_on()
            self._tell(MessageReceived(body, reply))
        self._accept()

    def _take_nothing(self, body: bytes) -> None:
        if self._current is not None and self._sent[:1] == b"I":
            self._settle(body, ACK)
        else:
            self._tell(FrameAccepted(0, ACK))
        self._sent = b""

    def _take_verdict(self, body: bytes) -> None:
        if self._current is None:
            self._tell(FrameAccepted(0, ACK))
            return
        verdict, reason = [*body.split(FS), b"", b""][1:3]
        self._sent = b""
        if verdict == b"A":
            self._settle(body, ACK)
        else:
            words = REASONS.get(reason, reason.decode("latin-1"))
            self._undelivered(f"refused by the other side: {words}", ACK)

    def _acknowledge(self, _: bytes) -> None:
        self._tell(FrameAccepted(0, ACK))

    def _acknowledge_again(self, _: bytes) -> None:
        self._tell(FrameRepeated(0, ACK))

    def _refuse(self, raw: bytes, reason: str) -> None:
        self._tell(FrameRefused(raw, reason, NAK))

    def _reply_again(self) -> None:
        self._tell(FrameRepeated(0, self._reply))

    def _tell(self, event: FrameAccepted | FrameRepeated | FrameRefused | MessageReceived) -> None:
        self._reply = event.reply[:1]
        self._events.append(event)

    # -- frames of ours -------------------------------------------------------------------------------

    def _next_message(self) -> QueuedMessage | None:
        if self.role == "instrument":
            return self._queue[0] if self._queue else None
        asked = [*self._asked.split(FS), b""][1].strip()
        for message in self._queue:
            fields = message.bodies[0].split(FS)
            if fields[0] == b"N" or (len(fields) > _SPECIMEN and fields[_SPECIMEN].strip() == asked):
                return message
        return None

    def _send_next(self) -> None:
        assert self._current is not None
        self._write(self._current.bodies[0])

    def _poll(self) -> None:
        self._current = None
        first, self._is_first_poll = b"1" if self._is_first_poll else b"0", False
        self._write(FS.join([b"P", self.profile.name.encode("ascii"), first, b"1", b"0", b""]))

    def _answer_nothing(self) -> None:
        self._current = None
        self._write(NOTHING)

    def _accept(self) -> bytes:
        """Return the frame that accepts, which goes out with the receipt; its ACK is still to come."""
        self._current, self._sent, self._naks = None, ACCEPTED, 0
        return framed(ACCEPTED)

    def _write(self, body: bytes) -> None:
        self._sent, self._naks = body, 0
        self._outbox += framed(body)

    def _repeat(self) -> None:
        self._naks += 1
        self._outbox += framed(self._sent)

    def _wait_for_answer(self) -> None:
        return None

    def _finish(self) -> None:
        if self._current is not None:
            self._settle(b"", b"")
        self._sent = b""

    def _go_on(self) -> None:
        """The other side begins something new: what was on the line is not accepted any more."""
        if self._current is not None:
            self._undelivered("the other side went on without answering")

    def _give_up_refused(self) -> None:
        self._undelivered(f"a frame was refused {NAKS} times")

    def _give_up_unanswered(self) -> None:
        self._undelivered("no ACK to a frame in time")

    def _give_up_waiting(self) -> None:
        self._undelivered("no answer to a frame in time")

    def _settle(self, answer: bytes, reply: bytes) -> None:
        message, self._current = self._current, None
        assert message is not None
        message.bodies.popleft()
        if message.bodies:
            self._tell(FrameAccepted(0, reply))
            return
        self._queue.remove(message)
        self._reply = reply[:1] or self._reply
        self._events.append(MessageDelivered(message.tag, reply, answer))

    def _undelivered(self, reason: str, reply: bytes = b"") -> None:
        message, self._current, self._sent = self._current, None, b""
        if message is not None:
            self._queue.remove(message)
            self._reply = reply[:1] or self._reply
            self._events.append(MessageUndelivered(message.tag, reason, reply))


_PASSIVE = frozenset({"acknowledge", "acknowledge_again", "refuse", "reply_again"})


def framed(body: bytes) -> bytes:
    """Return one frame; the FS before its checksum is added where the body lacks it (guide table 1-7)."""
    whole = body if body.endswith(FS) else body + FS
    return STX + whole + checksum(whole) + ETX

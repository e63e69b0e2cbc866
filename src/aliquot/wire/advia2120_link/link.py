"""One connection of an ADVIA 2120, in either role."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from aliquot.wire.advia2120_link.tables import TABLE, Advia2120Profile, Input, State
from aliquot.wire.blocks import ETX, NAK, STX, Block, BlockCutter, Broken
from aliquot.wire.dialogue import Dialogue, QueuedMessage
from aliquot.wire.link_events import (
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageReceived,
    MessageUndelivered,
)

CRLF = b"\r\n"
FIRST_MT, LAST_MT = 0x30, 0x5A
TRIES = 3  # of one message
OPENING, TOKEN = b"I " + CRLF, b"S" + b" " * 10 + CRLF
VALIDATED, CORRECT = b"Z" + b" " * 18 + b"0" + CRLF, b"E" + b" " * 8 + b" 0" + CRLF
_ETX_AS_LRC = 0x7F
_CODE = slice(9, 11)  # of E
_SPECIMEN = {b"Q": slice(2, 16), b"Y": slice(6, 20), b"N": slice(4, 18)}
_ANSWER_RESERVE = 1.0  # seconds before the analyzer gives up, in which N still reaches it
_KINDS = {
    "computer": {b"S": Input.TOKEN, b"R": Input.RESULT, b"Q": Input.QUERY, b"E": Input.VERDICT},
    "instrument": {
        b"I": Input.OPENING,
        b"S": Input.TOKEN,
        b"Y": Input.ORDER,
        b"N": Input.ORDER,
        b"Z": Input.VERDICT,
    },
}
_PASSIVE = frozenset({"acknowledge", "acknowledge_again", "refuse"})


@dataclass(slots=True)
class Advia2120Link(Dialogue[State, Input]):
    """One connection; the owner keeps every event, then writes its reply, then `outgoing`.

    The reply to a result is its MT and the validation Z, so both wait for the commit. An order is delivered
    when the instrument found it correct; a query's answer comes by `send`, or is N when none came in time.
    """

    UNIT = "message"

    profile: Advia2120Profile = field(default_factory=Advia2120Profile)
    _queue: deque[QueuedMessage] = field(default_factory=deque)
    _current: QueuedMessage | None = None  # whose body is on the line; None: a message of our own accord
    _sent: bytes = b""  # the body on the line
    _sent_mt: int = FIRST_MT
    _mt: int = LAST_MT  # of the message before, whoever sent it
    _tries: int = 0
    _accepted: tuple[int, bytes] = (0, b"")  # the message of the other side before
    _result: bytes = b""  # the result accepted last
    _asked: bytes = b""  # the query that is owed an answer

    def __post_init__(self) -> None:
        self.state, self._table = State.CLOSED, TABLE
        self._cutter = BlockCutter(free_last=True, limit=self.profile.message_limit)

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message, each element a text from its type on; its last CR LF may be left out."""
        whole = (body if body.endswith(CRLF) else body + CRLF for body in records)
        self._queue.append(QueuedMessage(deque(whole), tag))

    def _give_back_all(self, reason: str) -> None:
        while self._queue:
            self._current = self._queue[0]
            self._undelivered(reason)
        self.state = State.CLOSED

    # -- inputs ---------------------------------------------------------------------------------------

    def _speak(self, now: float) -> None:
        if self._may_speak:
            self._apply(Input.HAVE_DATA, now)

    @property
    def _may_speak(self) -> bool:
        if self.state is State.CLOSED:
            return self.role == "computer" and self.profile.opens and self.deadline is None
        if self.state is State.ANSWERING:
            return self._answer() is not None
        return self.state is State.OURS and bool(self._queue)

    def _judge_single(self, char: bytes, now: float) -> None:
        if self.state is not State.SENT or self._outbox:
            return  # nothing answers a message that has not left
        if char == NAK:
            self._apply(Input.NAK_LAST if self._tries >= TRIES else Input.NAK, now)
        elif char[0] == self._sent_mt:
            kinds = {b"I": Input.MT_OPENING, b"S": Input.MT_TOKEN, b"Z": Input.MT_TOKEN, b"E": Input.MT_TOKEN}
            self._apply(kinds.get(self._sent[:1], Input.MT), now)

    def _judge_silence(self, now: float) -> None:
        last = self.state is State.SENT and self._tries >= TRIES
        self._apply(Input.TIMER_LAST if last else Input.TIMER, now)

    def _judge_broken(self, broken: Broken, now: float) -> None:
        self._apply(Input.BAD, now, broken.raw, broken.reason)

    def _judge_block(self, block: Block, now: float) -> None:
        text, body = block.text, block.text[1:-1]
        if len(text) < len(CRLF) + 3 or not body.endswith(CRLF) or lrc(text[:-1]) != text[-1:]:
            self._apply(Input.BAD, now, text, "wrong checksum")
        elif not FIRST_MT <= text[0] <= LAST_MT:
            self._apply(Input.BAD, now, text, "no message number")
        else:
            given = self._judge_body(text[0], body)
            self._mt, self._accepted = text[0], (text[0], body)
            self._apply(given, now, body)

    def _judge_body(self, number: int, body: bytes) -> Input:
        given = _KINDS[self.role].get(body[:1], Input.OTHER)
        if given is Input.RESULT and body == self._result:
            return Input.SAME_RESULT
        is_same = (number, body) == self._accepted and given not in (Input.OPENING, Input.RESULT)
        if is_same and (given is not Input.QUERY or self.state is State.ANSWERING):
            return Input.SAME
        if given is Input.VERDICT and self._current is None:
            return Input.OTHER
        return given

    def _timer(self, now: float, given: Input, action: str) -> float | None:
        if action in _PASSIVE and self.state is not State.THEIRS:
            return self.deadline
        profile = self.profile
        if self.state is State.CLOSED:
            silent = given in (Input.TIMER_LAST, Input.NAK_LAST)
            return now + profile.watchdog if silent and self.role == "computer" else None
        return now + {
            State.OURS: profile.pause,
            State.THEIRS: profile.watchdog,
            State.SENT: profile.reply_timer,
            State.WAITING: profile.watchdog,
            State.ANSWERING: profile.answer_timer - _ANSWER_RESERVE,
        }.get(self.state, 0.0)

    # -- messages that came ---------------------------------------------------------------------------

    @property
    def _echo(self) -> bytes:
        return bytes([self._mt])

    def _take_signal(self, _: bytes) -> None:
        self._pass_over()
        self._events.append(FrameAccepted(self._mt, self._echo))

    def _take_result(self, body: bytes) -> None:
        self._pass_over()
        self._result = body
        self._events.append(MessageReceived(body, self._echo + self._validation()))

    def _validate_again(self, _: bytes) -> None:
        self._events.append(FrameRepeated(self._mt, self._echo + self._validation()))

    def _take_query(self, body: bytes) -> None:
        self._pass_over()
        self._asked = body
        self._events.append(MessageReceived(body, self._echo))

    def _take_order(self, body: bytes) -> None:
        """An order, or that there is none, for a simulated analyzer."""
        echo = self._echo
        if self._current is not None and self._sent[:1] == b"Q":
            self._settle(body, echo)
        else:
            self._pass_over()
            is_order = body[:1] == b"Y"
            self._events.append(MessageReceived(body, echo) if is_order else FrameAccepted(self._mt, echo))
        self._write(CORRECT)

    def _take_verdict(self, body: bytes) -> None:
        code = (body[_CODE] if self.role == "computer" else body[1:]).strip()
        good = (b"0", b"10") if self.role == "computer" else (b"0",)
        if code in good or self._sent[:1] == b"N":
            self._settle(body, self._echo)
        else:
            words = f"refused by the other side: error {code.decode('latin-1')}"
            self._undelivered(words, self._echo)

    def _acknowledge(self, _: bytes) -> None:
        self._events.append(FrameAccepted(self._mt, self._echo))

    def _acknowledge_again(self, _: bytes) -> None:
        self._events.append(FrameRepeated(self._mt, self._echo))

    def _refuse(self, raw: bytes, reason: str) -> None:
        self._events.append(FrameRefused(raw, reason, NAK))

    # -- messages of ours -----------------------------------------------------------------------------

    def _open(self) -> None:
        self._mt, self._accepted = LAST_MT, (0, b"")
        self._write(OPENING)

    def _send_next(self) -> None:
        self._current = self._queue[0]
        self._write(self._current.bodies[0], self._current)

    def _send_answer(self) -> None:
        self._current = self._answer()
        assert self._current is not None
        self._write(self._current.bodies[0], self._current)

    def _answer(self) -> QueuedMessage | None:
        """Return the queued message for the specimen that was asked about."""
        asked = self._asked[_SPECIMEN[b"Q"]].strip().lstrip(b"0")
        for message in self._queue:
            place = _SPECIMEN.get(message.bodies[0][:1])
            if place and message.bodies[0][place].strip().lstrip(b"0") == asked:
                return message
        return None

    def _answer_nothing(self) -> None:
        self._write(b"N W " + self._asked[_SPECIMEN[b"Q"]] + CRLF)

    def _pass_token(self) -> None:
        self._write(TOKEN)

    def _validation(self) -> bytes:
        """Return the Z that goes out with a result's receipt; its MT is still to come."""
        self._put_on_line(VALIDATED, None)
        self._tries = 1
        return framed(self._sent_mt, VALIDATED)

    def _write(self, body: bytes, message: QueuedMessage | None = None) -> None:
        self._put_on_line(body, message)
        self._repeat()

    def _put_on_line(self, body: bytes, message: QueuedMessage | None) -> None:
        self._current, self._sent, self._tries = message, body, 0
        self._mt = FIRST_MT if self._mt >= LAST_MT else self._mt + 1
        self._sent_mt = self._mt

    def _repeat(self) -> None:
        self._tries += 1
        self._outbox += framed(self._sent_mt, self._sent)

    def _wait_for_answer(self) -> None:
        return None

    def _go_on(self) -> None:
        self._sent = b""

    def _pass_over(self) -> None:
        """The other side begins something new: what was on the line will not be answered any more."""
        if self._current is not None and self._sent[:1] == b"N":
            self._settle(b"", b"")
        else:
            self._undelivered("the other side went on without answering")

    def _give_up_refused(self) -> None:
        self._undelivered(f"a message was refused {TRIES} times")

    def _give_up_unanswered(self) -> None:
        self._undelivered(f"no MT to {TRIES} tries")

    def _give_up_waiting(self) -> None:
        self._pass_over()

    def _settle(self, answer: bytes, reply: bytes) -> None:
        message, self._current, self._sent = self._current, None, b""
        assert message is not None
        message.bodies.popleft()
        if not message.bodies:
            self._queue.remove(message)
            self._events.append(MessageDelivered(message.tag, reply, answer))
        elif reply:
            self._events.append(FrameAccepted(self._mt, reply))

    def _undelivered(self, reason: str, reply: bytes = b"") -> None:
        message, self._current, self._sent = self._current, None, b""
        if message is not None:
            self._queue.remove(message)
            self._events.append(MessageUndelivered(message.tag, reason, reply))


def lrc(data: bytes) -> bytes:
    """Return the XOR of the bytes from MT to LF; ETX, which would end the message, becomes DEL."""
    found = reduce(xor, data, 0)
    return bytes([_ETX_AS_LRC if found == ETX[0] else found])


def framed(number: int, body: bytes) -> bytes:
    """Return one message ready for the line; the body goes from its type to its CR LF."""
    text = bytes([number]) + body
    return STX + text + lrc(text) + ETX

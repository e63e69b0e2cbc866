"""One connection of a RAPIDPoint or RAPIDLab, in either role."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aliquot.wire.blocks import ACK, EOT, ETX, NAK, STX, Block, BlockCutter, Broken
from aliquot.wire.dialogue import Dialogue
from aliquot.wire.link_events import (
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageReceived,
    MessageUndelivered,
)
from aliquot.wire.lis3_link.tables import TABLE, Input, Lis3Profile, State
from aliquot.wire.sums import checksum

FS, GS, RS = b"\x1c", b"\x1d", b"\x1e"
TRIES = 3  # of one frame
_SUM = 2
_PASSIVE = frozenset(
    {"take_data", "acknowledge", "acknowledge_again", "ask_for_data", "say_who_we_are", "refuse"}
)
_QUESTION = b"PAT_DEMOG_REQ"
_OWN_FRAMES = 64  # waiting at most; a device that heard nothing says it again


@dataclass(slots=True, eq=False)
class _Frame:
    body: bytes
    message: "_Message | None" = None  # None: of our own accord, nobody waits for it
    tries: int = 0

    @property
    def name(self) -> bytes:
        return self.body.partition(FS)[0]

    @property
    def is_answered(self) -> bool:
        """Whether something has to come after its ACK."""
        return self.name == _QUESTION or self.name.endswith(b"_NEW_AV")


@dataclass(slots=True, eq=False)
class _Message:
    frames: int  # that are not settled yet
    tag: object


@dataclass(slots=True)
class Lis3Link(Dialogue[State, Input]):
    """One connection; the owner keeps every event, then writes its reply, then `outgoing`.

    The ACK frame of a result is its receipt. A result that comes again is acknowledged and not told twice.
    """

    profile: Lis3Profile = field(default_factory=Lis3Profile)
    _queue: deque[_Frame] = field(default_factory=deque)
    _result: bytes = b""  # accepted last
    _question: bytes = b""  # accepted last, and nothing sent since

    def __post_init__(self) -> None:
        self.state, self._table = State.IDLE, TABLE
        self._cutter = BlockCutter(end=EOT, limit=self.profile.message_limit)

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message, each element a frame's text from its name to its last RS."""
        message = _Message(len(records), tag)
        for body in records:
            announces = self.role == "instrument" and self.profile.announces and body.partition(FS)[0] in _NEW
            first = _announced(body) if announces else body
            self._queue.append(_Frame(first, message))
            if announces:
                message.frames += 1
                self._queue.append(_Frame(body, message))

    def _give_back_all(self, reason: str) -> None:
        while self._queue:
            self._undelivered(reason)
        self.state = State.IDLE

    # -- inputs ---------------------------------------------------------------------------------------

    def _speak(self, now: float) -> None:
        if self.state is State.IDLE and self._queue:
            self._apply(Input.HAVE_DATA, now)

    def _judge_silence(self, now: float) -> None:
        last = self.state is State.SENT and self._queue[0].tries >= TRIES
        self._apply(Input.TIMER_LAST if last else Input.TIMER, now)

    def _judge_broken(self, broken: Broken, now: float) -> None:
        self._apply(Input.BAD, now, broken.raw, broken.reason)

    def _judge_single(self, char: bytes, now: float) -> None:
        """Nothing is said outside a frame."""

    def _judge_block(self, block: Block, now: float) -> None:
        text = block.text
        body, total = text[: -_SUM - 1], text[-_SUM:].upper()
        if text[-_SUM - 1 : -_SUM] != ETX or not body or total != checksum(STX + body + ETX):
            self._apply(Input.BAD, now, text, "wrong checksum")
        elif body not in (ACK, NAK):
            self._apply(self._judge_body(body), now, body)
        elif not self._outbox:  # nothing answers a frame that has not left
            self._apply(self._judge_answered(body), now)

    def _judge_answered(self, char: bytes) -> Input:
        """What the ACK or NAK frame means for the frame on the line."""
        if char == ACK:
            answered = self.state is State.SENT and self._queue[0].is_answered
            return Input.ACK if answered else Input.ACK_FINAL
        last = self.state is State.SENT and self._queue[0].tries >= TRIES
        return Input.NAK_LAST if last else Input.NAK

    def _judge_body(self, body: bytes) -> Input:
        name = body.partition(FS)[0]
        if name == b"ID_REQ":
            return Input.IDENTITY
        return self._judge_report(name, body) if self.role == "computer" else self._judge_answer(name)

    def _judge_report(self, name: bytes, body: bytes) -> Input:
        """What a host makes of a device's frame."""
        if body in (self._result, self._question):
            return Input.SAME_DATA
        if name.endswith(b"_NEW_AV"):
            return Input.AVAILABLE
        if name == _QUESTION:
            return Input.DATA
        if not name.endswith(b"_DATA") or name.startswith((b"TIME", b"ID")):
            return Input.OTHER
        is_asked = self.state is State.SENT and self._queue[0].name == name.partition(b"_")[0] + b"_REQ"
        return Input.ASKED_DATA if is_asked else Input.DATA

    def _judge_answer(self, name: bytes) -> Input:
        """What a device makes of the host's frame."""
        waiting = self._queue[0].name if self._queue and self.state is not State.IDLE else b""
        if name == b"PAT_DEMOG_DATA" and waiting == _QUESTION:
            return Input.ANSWER
        is_request = waiting.endswith(b"_NEW_AV") and name == waiting.removesuffix(b"_NEW_AV") + b"_REQ"
        return Input.REQUEST if is_request else Input.OTHER

    def _timer(self, now: float, given: Input, action: str) -> float | None:
        del given
        if action in _PASSIVE:
            return self.deadline
        waits = {State.SENT: self.profile.reply_timer, State.WAITING: self.profile.answer_timer}
        return now + waits[self.state] if self.state in waits else None

    # -- frames that came -----------------------------------------------------------------------------

    def _take_data(self, body: bytes) -> None:
        if body.startswith(_QUESTION):
            self._question = body
        else:
            self._result = body
        self._events.append(MessageReceived(body, framed(ACK)))

    def _take_asked_data(self, body: bytes) -> None:
        self._queue.popleft()
        self._take_data(body)

    def _acknowledge(self, _: bytes) -> None:
        self._events.append(FrameAccepted(0, framed(ACK)))

    def _acknowledge_again(self, _: bytes) -> None:
        self._events.append(FrameRepeated(0, framed(ACK)))

    def _refuse(self, raw: bytes, reason: str) -> None:
        self._events.append(FrameRefused(raw, reason, framed(NAK)))

    def _ask_for_data(self, body: bytes) -> None:
        self._acknowledge(body)
        name = body.partition(FS)[0].removesuffix(b"_NEW_AV") + b"_REQ"
        self._interject(grouped(name, _values(body, (b"aMOD", b"iIID", b"rSEQ"))))

    def _say_who_we_are(self, body: bytes) -> None:
        self._acknowledge(body)
        ours = {b"aMOD": self.profile.model.encode("ascii"), b"iIID": self.profile.identity.encode("ascii")}
        self._interject(grouped(b"ID_DATA", ours.items()))

    def _interject(self, body: bytes) -> None:
        """Queue a frame of our own accord before what waits, but behind what is on the line."""
        at = 0 if self.state is State.IDLE else 1
        if len(self._queue) < _OWN_FRAMES and all(frame.body != body for frame in self._queue):
            self._queue.insert(at, _Frame(body))

    # -- frames of ours -------------------------------------------------------------------------------

    def _send_next(self) -> None:
        frame = self._queue[0]
        frame.tries += 1
        if frame.message is not None:
            self._question = b""
        self._outbox += framed(frame.body)

    def _repeat(self) -> None:
        self._send_next()

    def _wait_for_answer(self) -> None:
        return None

    def _finish(self) -> None:
        self._settle(b"", b"")

    def _send_announced(self, _: bytes) -> None:
        """The host asks for what was announced, and gets it next."""
        self._settle(b"", framed(ACK))

    def _take_answer(self, body: bytes) -> None:
        self._settle(body, framed(ACK))

    def _settle(self, answer: bytes, reply: bytes) -> None:
        message = self._queue.popleft().message
        if message is not None:
            message.frames -= 1
        if message is not None and not message.frames:
            self._events.append(MessageDelivered(message.tag, reply, answer))
        elif reply:
            self._events.append(FrameAccepted(0, reply))

    def _give_up_refused(self) -> None:
        self._undelivered(f"a frame was refused {TRIES} times")

    def _give_up_unanswered(self) -> None:
        self._undelivered(f"no ACK frame to {TRIES} tries")

    def _give_up_waiting(self) -> None:
        self._undelivered("no answer to a frame in time")

    def _undelivered(self, reason: str) -> None:
        """Give the message of the frame on the line back, with the frames that belong to it."""
        message = self._queue.popleft().message
        if message is not None:
            self._queue = deque(frame for frame in self._queue if frame.message is not message)
            self._events.append(MessageUndelivered(message.tag, reason))


_NEW = (b"SMP_NEW_DATA", b"QC_NEW_DATA", b"CAL_NEW_DATA")


def framed(body: bytes) -> bytes:
    """Return one frame ready for the line."""
    return STX + body + ETX + checksum(STX + body + ETX) + EOT


def grouped(name: bytes, values: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a frame's text from keys and their values."""
    groups = b"".join(key + GS + value + GS + GS + GS + FS for key, value in values)
    return name + FS + RS + groups + RS


def _values(body: bytes, keys: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    parts = [group.split(GS) for group in body.replace(RS, b"").split(FS)]
    found = {group[0]: group[1] for group in parts if len(group) > 1}
    return [(key, found[key]) for key in keys if key in found]


def _announced(body: bytes) -> bytes:
    """Return the frame by which a device says that this result is there."""
    name = body.partition(FS)[0].removesuffix(b"_DATA") + b"_AV"
    return grouped(name, _values(body, (b"aMOD", b"iIID", b"rSEQ")))

"""One half-duplex connection: the receiving and the sending half share a line."""

from collections.abc import Sequence

from aliquot.wire.astm_link.frames import STANDARD, FramingProfile
from aliquot.wire.astm_link.receiver import AstmReceiver
from aliquot.wire.astm_link.sender import AstmSender
from aliquot.wire.astm_link.session import State as Receiving
from aliquot.wire.link import Role
from aliquot.wire.link_events import Event


class AstmLink:
    """Both ends of LIS01-A2 on one connection; the owner does the input and output.

    After each call: keep every event, write its reply, then write `outgoing(now)`; call `overdue(now)` at
    `next_deadline`, and `closed()` when the connection ends.
    """

    def __init__(self, role: Role = "computer", profile: FramingProfile = STANDARD) -> None:
        self.receiver = AstmReceiver(profile)
        self.sender = AstmSender(role, profile)

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes brought about, in order."""
        events: list[Event] = []
        if self.sender.expects_reply:
            data, events = self.sender.receive(data, now)
        if data:
            events += self._receive_session(data, now)
        return events

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message until the line is neutral; `tag` comes back when it is delivered or given up."""
        self.sender.send(records, tag)

    def outgoing(self, now: float) -> bytes:
        """Return, once, what this side has to say of its own accord."""
        if self._is_neutral:
            self.sender.start(now)
        return self.sender.outgoing()

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about."""
        was_busy = not self._is_neutral
        events = self.receiver.overdue(now)
        self._pass_turn(was_busy, now)
        if self._is_neutral:
            events = events + self.sender.overdue(now)
        return events

    def closed(self) -> list[Event]:
        """Return what the end of the connection leaves incomplete or undelivered."""
        return self.receiver.closed() + self.sender.closed()

    @property
    def next_deadline(self) -> float | None:
        """The time at which `overdue` wants to be called, or None."""
        receiving, sending = self.receiver.deadline, self.sender.deadline
        if sending is None or not self._is_neutral:
            return receiving
        return sending if receiving is None else min(receiving, sending)

    @property
    def _is_neutral(self) -> bool:
        return self.receiver.state is Receiving.NEUTRAL

    def _receive_session(self, data: bytes, now: float) -> list[Event]:
        was_busy = not self._is_neutral
        events = self.receiver.receive(data, now)
        opened = was_busy or any(event.reply for event in events)
        self._pass_turn(opened, now)
        return events

    def _pass_turn(self, was_busy: bool, now: float) -> None:  # noqa: FBT001 - the state before the call
        if was_busy and self._is_neutral:
            self.sender.release(now)

"""A connection whose frames are blocks: bytes and silence become inputs of a protocol's table."""

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Generic, TypeVar

from aliquot.wire.blocks import Block, BlockCutter, Broken
from aliquot.wire.link import Role
from aliquot.wire.link_events import Event, FrameRefused

StateT = TypeVar("StateT", bound=Enum)
InputT = TypeVar("InputT", bound=Enum)


@dataclass(slots=True, eq=False)
class QueuedMessage:
    """A message of ours; of its bodies, one is on the line at a time."""

    bodies: deque[bytes]
    tag: object


@dataclass(slots=True)
class Dialogue(ABC, Generic[StateT, InputT]):
    """Both directions of one connection; time is an argument.

    A protocol sets the state, the table and the cutter when it is made, says which input a block, a character
    or a silence is, and has a method for each action of its table (`_take_result` for "take_result").
    """

    UNIT: ClassVar[str] = "frame"  # what the protocol calls a block

    role: Role = "computer"
    state: StateT = field(init=False)
    deadline: float | None = field(default=None, init=False)
    _table: dict[tuple[StateT, InputT], tuple[str, StateT]] = field(init=False)
    _cutter: BlockCutter = field(init=False)
    _events: list[Event] = field(default_factory=list, init=False)
    _outbox: bytearray = field(default_factory=bytearray, init=False)

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes brought about, in order."""
        self._events = []
        for item in self._cutter.feed(data):
            if isinstance(item, Block):
                self._judge_block(item, now)
            elif isinstance(item, Broken):
                self._judge_broken(item, now)
            else:
                self._judge_single(item.char, now)
        self._arm(now)
        return self._events

    def outgoing(self, now: float) -> bytes:
        """Return, once, what this side has to say of its own accord."""
        self._speak(now)
        data = bytes(self._outbox)
        self._outbox.clear()
        return data

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about."""
        self._events = []
        if broken := self._cutter.overdue(now):
            self._judge_broken(broken, now)
        if self.deadline is not None and now >= self.deadline:
            self._judge_silence(now)
        return self._events

    def closed(self) -> list[Event]:
        """Return what the end of the connection leaves incomplete or undelivered."""
        self._events = []
        self._break_off()
        self._give_back_all("the connection ended")
        self.deadline = None
        self._outbox.clear()
        return self._events

    @property
    def next_deadline(self) -> float | None:
        """The time at which `overdue` wants to be called, or None."""
        return min((one for one in (self.deadline, self._cutter.deadline) if one is not None), default=None)

    def _apply(self, given: InputT, now: float, *came: bytes | str) -> None:
        """Do what the table says, with what came: a frame's body, or a broken block and what is wrong."""
        if (self.state, given) not in self._table:
            return
        action, self.state = self._table[self.state, given]
        getattr(self, f"_{action}")(*came)
        self.deadline = self._timer(now, given, action)

    def _arm(self, now: float) -> None:
        self._cutter.arm(now)

    def _break_off(self) -> None:
        """Show the block whose end will not come."""
        if broken := self._cutter.drop(f"the connection ended inside the {self.UNIT}"):
            self._events.append(FrameRefused(broken.raw, broken.reason, b""))

    @abstractmethod
    def _judge_block(self, block: Block, now: float) -> None: ...

    @abstractmethod
    def _judge_broken(self, broken: Broken, now: float) -> None: ...

    @abstractmethod
    def _judge_single(self, char: bytes, now: float) -> None: ...

    @abstractmethod
    def _judge_silence(self, now: float) -> None: ...

    @abstractmethod
    def _speak(self, now: float) -> None:
        """Begin what this side has to say, if it may."""

    @abstractmethod
    def _timer(self, now: float, given: InputT, action: str) -> float | None:
        """Return the deadline after this action; the one before it where the action leaves it alone."""

    @abstractmethod
    def _give_back_all(self, reason: str) -> None:
        """Tell every queued message undelivered and rest."""

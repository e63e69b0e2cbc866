"""The switches of a plain link, and its states: tables of (state, input) to (action, next state)."""

from dataclasses import dataclass
from enum import Enum, auto

from aliquot.wire.blocks import BLOCK_LIMIT, ETX, STX


@dataclass(frozen=True, slots=True)
class PlainProfile:
    """How one model frames its texts where it does not keep to E1381."""

    has_session: bool = True  # ENQ before the blocks and EOT after them
    needs_session: bool = True  # False: a block is taken also where no ENQ came before it
    acknowledges: bool = True  # a block is answered with ACK; False: a printer's line, nobody answers
    start: bytes = STX  # nothing: a block begins with its first character
    end: bytes = ETX
    has_sum: bool = False  # two hexadecimal digits behind the end: the sum of text and end (mini VIDAS)
    joins_records: bool = True  # ASTM records: a message ends with its L, not with its block
    trailer: bytes = b""  # what we write behind a block, e.g. CR LF
    block_limit: int = BLOCK_LIMIT
    message_limit: int = 4 * 1024 * 1024


class State(Enum):
    IDLE = "Idle"
    RECEIVING = "Receiving"
    BIDDING = "LineBid"
    SENDING = "WaitReply"
    WAITING = "Idle, the other side has its turn"


class Input(Enum):
    ENQ = auto()
    EOT = auto()
    ACK = auto()
    ACK_LAST = auto()
    NAK = auto()
    NAK_LAST = auto()
    BLOCK = auto()
    BROKEN = auto()
    TIMER = auto()
    HAVE_DATA = auto()


_SHARED: dict[tuple[State, Input], tuple[str, State]] = {
    (State.SENDING, Input.ACK): ("send_next", State.SENDING),
    (State.SENDING, Input.NAK): ("repeat_block", State.SENDING),
    (State.SENDING, Input.NAK_LAST): ("give_up_refused", State.IDLE),
    (State.SENDING, Input.TIMER): ("give_up_unanswered", State.IDLE),
    (State.SENDING, Input.ACK_LAST): ("finish", State.IDLE),
    (State.IDLE, Input.TIMER): ("give_up_waiting", State.IDLE),
    (State.IDLE, Input.BROKEN): ("refuse", State.IDLE),
}
# (state, input) -> (action, next state)
SESSION: dict[tuple[State, Input], tuple[str, State]] = {
    **_SHARED,
    (State.IDLE, Input.ENQ): ("open_session", State.RECEIVING),
    (State.IDLE, Input.BLOCK): ("show_stray", State.IDLE),
    (State.IDLE, Input.HAVE_DATA): ("bid", State.BIDDING),
    (State.RECEIVING, Input.ENQ): ("reopen_session", State.RECEIVING),
    (State.RECEIVING, Input.BLOCK): ("take", State.RECEIVING),
    (State.RECEIVING, Input.BROKEN): ("refuse", State.RECEIVING),
    (State.RECEIVING, Input.EOT): ("close_session", State.IDLE),
    (State.RECEIVING, Input.TIMER): ("give_up_session", State.IDLE),
    (State.BIDDING, Input.ACK): ("send_first", State.SENDING),
    (State.BIDDING, Input.NAK): ("back_off", State.WAITING),
    (State.BIDDING, Input.ENQ): ("yield_line", State.WAITING),
    (State.BIDDING, Input.TIMER): ("abandon_bid", State.WAITING),
    (State.WAITING, Input.ENQ): ("open_session", State.RECEIVING),
    (State.WAITING, Input.BLOCK): ("show_stray", State.WAITING),
    (State.WAITING, Input.TIMER): ("rest", State.IDLE),
}
EITHER = SESSION | {
    (State.IDLE, Input.BLOCK): ("take", State.IDLE),
    (State.WAITING, Input.BLOCK): ("take", State.WAITING),
}
SESSIONLESS: dict[tuple[State, Input], tuple[str, State]] = {
    **_SHARED,
    (State.IDLE, Input.BLOCK): ("take", State.IDLE),
    (State.IDLE, Input.HAVE_DATA): ("send_first", State.SENDING),
    (State.SENDING, Input.BLOCK): ("take", State.SENDING),
    (State.SENDING, Input.BROKEN): ("refuse", State.SENDING),
}

"""The switches of the LIS3 link, and its states: one table of (state, input) to (action, next state)."""

from dataclasses import dataclass
from enum import Enum, auto

from aliquot.wire.blocks import ANSWER_TIMER


@dataclass(frozen=True, slots=True)
class Lis3Profile:
    """How one device speaks LIS3, and who we say we are."""

    model: str = "LIS"  # our aMOD in ID_DATA
    identity: str = "333"  # our iIID in ID_DATA
    reply_timer: float = 5.0  # seconds from a frame to its ACK frame
    answer_timer: float = ANSWER_TIMER  # seconds from a question to its answer
    announces: bool = True  # instrument: SMP_NEW_AV before SMP_NEW_DATA
    message_limit: int = 256 * 1024


class State(Enum):
    IDLE = "Idle"
    SENT = "Frame sent, ACK frame awaited"
    WAITING = "Frame acknowledged, its answer awaited"


class Input(Enum):
    ACK = auto()
    ACK_FINAL = auto()  # nothing has to follow
    NAK = auto()
    NAK_LAST = auto()
    DATA = auto()  # a result, or a question to us
    ASKED_DATA = auto()  # the result whose request was not acknowledged: it answers that as well
    SAME_DATA = auto()
    AVAILABLE = auto()
    REQUEST = auto()  # for the result we announced
    ANSWER = auto()  # to our question
    IDENTITY = auto()
    OTHER = auto()
    BAD = auto()
    TIMER = auto()
    TIMER_LAST = auto()
    HAVE_DATA = auto()


def _everywhere(given: Input, action: str) -> dict[tuple[State, Input], tuple[str, State]]:
    return {(one, given): (action, one) for one in State}


# (state, input) -> (action, next state)
TABLE: dict[tuple[State, Input], tuple[str, State]] = {
    **_everywhere(Input.DATA, "take_data"),
    **_everywhere(Input.SAME_DATA, "acknowledge_again"),
    **_everywhere(Input.AVAILABLE, "ask_for_data"),
    **_everywhere(Input.IDENTITY, "say_who_we_are"),
    **_everywhere(Input.OTHER, "acknowledge"),
    **_everywhere(Input.BAD, "refuse"),
    (State.IDLE, Input.HAVE_DATA): ("send_next", State.SENT),
    (State.SENT, Input.ACK): ("wait_for_answer", State.WAITING),
    (State.SENT, Input.ACK_FINAL): ("finish", State.IDLE),
    (State.SENT, Input.NAK): ("repeat", State.SENT),
    (State.SENT, Input.NAK_LAST): ("give_up_refused", State.IDLE),
    (State.SENT, Input.TIMER): ("repeat", State.SENT),
    (State.SENT, Input.TIMER_LAST): ("give_up_unanswered", State.IDLE),
    (State.SENT, Input.ASKED_DATA): ("take_asked_data", State.IDLE),
    (State.SENT, Input.REQUEST): ("send_announced", State.IDLE),
    (State.SENT, Input.ANSWER): ("take_answer", State.IDLE),
    (State.WAITING, Input.REQUEST): ("send_announced", State.IDLE),
    (State.WAITING, Input.ANSWER): ("take_answer", State.IDLE),
    (State.WAITING, Input.TIMER): ("give_up_waiting", State.IDLE),
}

"""The timers of the ADVIA 2120 link, and its states: one table of (state, input) to (action, next state)."""

from dataclasses import dataclass
from enum import Enum, auto

from aliquot.wire.blocks import ANSWER_TIMER


@dataclass(frozen=True, slots=True)
class Advia2120Profile:
    """The rhythm of the dialogue."""

    reply_timer: float = 5.0  # seconds from a message to its MT
    watchdog: float = 20.0  # seconds of silence after which the host opens again
    pause: float = 2.0  # seconds the token is held before it goes back
    answer_timer: float = ANSWER_TIMER  # seconds from a query to its answer
    opens: bool = True  # computer: send I of our own accord
    message_limit: int = 256 * 1024


class State(Enum):
    CLOSED = "Not opened yet, or silent too long"
    OURS = "We hold the token"
    THEIRS = "The other side holds the token"
    SENT = "Message sent, its MT awaited"
    WAITING = "Message acknowledged, its answer awaited"
    ANSWERING = "Query received, answer owed"


class Input(Enum):
    MT = auto()  # of the message on the line; its answer has to follow
    MT_TOKEN = auto()  # of S or I that gives the token away, or of Z, E: the other side goes on
    MT_OPENING = auto()  # of I: the host goes on
    NAK = auto()
    NAK_LAST = auto()
    OPENING = auto()  # I
    TOKEN = auto()  # S
    RESULT = auto()  # R
    QUERY = auto()  # Q
    ORDER = auto()  # Y or N
    VERDICT = auto()  # Z or E
    SAME = auto()  # the message accepted last came again
    SAME_RESULT = auto()
    OTHER = auto()
    BAD = auto()
    TIMER = auto()
    TIMER_LAST = auto()  # after the third try
    HAVE_DATA = auto()


def _everywhere(
    given: Input, action: str, state: State | None = None
) -> dict[tuple[State, Input], tuple[str, State]]:
    return {(one, given): (action, state or one) for one in State}


# (state, input) -> (action, next state)
TABLE: dict[tuple[State, Input], tuple[str, State]] = {
    **_everywhere(Input.OPENING, "take_signal", State.THEIRS),
    **_everywhere(Input.TOKEN, "take_signal", State.OURS),
    **_everywhere(Input.RESULT, "take_result", State.SENT),
    **_everywhere(Input.QUERY, "take_query", State.ANSWERING),
    **_everywhere(Input.ORDER, "take_order", State.SENT),
    **_everywhere(Input.VERDICT, "acknowledge"),
    (State.SENT, Input.VERDICT): ("take_verdict", State.OURS),
    (State.WAITING, Input.VERDICT): ("take_verdict", State.OURS),
    **_everywhere(Input.SAME, "acknowledge_again"),
    **_everywhere(Input.SAME_RESULT, "validate_again", State.SENT),
    **_everywhere(Input.OTHER, "acknowledge"),
    **_everywhere(Input.BAD, "refuse"),
    (State.CLOSED, Input.HAVE_DATA): ("open", State.SENT),
    (State.OURS, Input.HAVE_DATA): ("send_next", State.SENT),
    (State.ANSWERING, Input.HAVE_DATA): ("send_answer", State.SENT),
    (State.CLOSED, Input.TIMER): ("open", State.SENT),
    (State.OURS, Input.TIMER): ("pass_token", State.SENT),
    (State.THEIRS, Input.TIMER): ("go_on", State.CLOSED),
    (State.ANSWERING, Input.TIMER): ("answer_nothing", State.SENT),
    (State.WAITING, Input.TIMER): ("give_up_waiting", State.CLOSED),
    (State.SENT, Input.MT): ("wait_for_answer", State.WAITING),
    (State.SENT, Input.MT_OPENING): ("go_on", State.OURS),
    (State.SENT, Input.MT_TOKEN): ("go_on", State.THEIRS),
    (State.SENT, Input.NAK): ("repeat", State.SENT),
    (State.SENT, Input.NAK_LAST): ("give_up_refused", State.CLOSED),
    (State.SENT, Input.TIMER): ("repeat", State.SENT),
    (State.SENT, Input.TIMER_LAST): ("give_up_unanswered", State.CLOSED),
}

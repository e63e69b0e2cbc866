"""The timers of the Dimension's link, and its states: one table of (state, input) to (action, next state)."""

from dataclasses import dataclass
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class DimensionProfile:
    """The timers of guide PN D00396; a simulated analyzer also takes its name and rhythm from here."""

    reply_timer: float = 1.0  # seconds to ACK, and to the acceptance of a result
    answer_timer: float = 15.0  # seconds from a query to its answer
    answer_reserve: float = 1.0  # so much before that time the host says that there is nothing
    poll_interval: float = 15.0
    polls: bool = True
    name: str = "DIM"


class State(Enum):
    IDLE = "Idle"
    ANSWERING = "Query received, answer owed"
    SENT = "Frame sent, ACK awaited"
    WAITING = "Frame acknowledged, its answer awaited"


class Input(Enum):
    POLL = auto()  # ready for an order
    BUSY_POLL = auto()
    QUERY = auto()
    SAME_QUERY = auto()
    RESULT = auto()
    SAME_RESULT = auto()
    ORDER = auto()
    SAME_ORDER = auto()
    NOTHING = auto()
    VERDICT = auto()  # M
    OTHER = auto()
    BAD = auto()
    ENQ = auto()
    ACK = auto()
    ACK_FINAL = auto()  # nothing has to follow
    NAK = auto()
    NAK_LAST = auto()
    TIMER = auto()
    HAVE_DATA = auto()


def _everywhere(
    given: Input, action: str, state: State | None = None
) -> dict[tuple[State, Input], tuple[str, State]]:
    return {(one, given): (action, state or one) for one in State}


# (state, input) -> (action, next state)
TABLE: dict[tuple[State, Input], tuple[str, State]] = {
    **_everywhere(Input.POLL, "answer_poll", State.SENT),
    **_everywhere(Input.BUSY_POLL, "decline_poll", State.SENT),
    **_everywhere(Input.QUERY, "take_query", State.ANSWERING),
    **_everywhere(Input.SAME_QUERY, "acknowledge_again"),
    **_everywhere(Input.RESULT, "take_result", State.SENT),
    **_everywhere(Input.SAME_RESULT, "accept_again", State.SENT),
    **_everywhere(Input.ORDER, "take_order", State.SENT),
    **_everywhere(Input.SAME_ORDER, "accept_again", State.SENT),
    **_everywhere(Input.NOTHING, "take_nothing", State.IDLE),
    **_everywhere(Input.VERDICT, "acknowledge"),
    (State.SENT, Input.VERDICT): ("take_verdict", State.IDLE),
    (State.WAITING, Input.VERDICT): ("take_verdict", State.IDLE),
    **_everywhere(Input.OTHER, "acknowledge"),
    **_everywhere(Input.BAD, "refuse"),
    **_everywhere(Input.ENQ, "reply_again"),
    (State.IDLE, Input.HAVE_DATA): ("send_next", State.SENT),
    (State.ANSWERING, Input.HAVE_DATA): ("send_next", State.SENT),
    (State.IDLE, Input.TIMER): ("poll", State.SENT),
    (State.ANSWERING, Input.TIMER): ("answer_nothing", State.SENT),
    (State.SENT, Input.ACK): ("wait_for_answer", State.WAITING),
    (State.SENT, Input.ACK_FINAL): ("finish", State.IDLE),
    (State.SENT, Input.NAK): ("repeat", State.SENT),
    (State.SENT, Input.NAK_LAST): ("give_up_refused", State.IDLE),
    (State.SENT, Input.TIMER): ("give_up_unanswered", State.IDLE),
    (State.WAITING, Input.TIMER): ("give_up_waiting", State.IDLE),
}

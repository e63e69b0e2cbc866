"""What a driver understands of a message: frozen values, nothing decided."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from aliquot.foundation.quick import quickly_made

Kind: TypeAlias = Literal["patient", "control", "other", "message"]


@quickly_made
@dataclass(frozen=True, slots=True)
class Reading:
    """One result (R or OBX) in our terms. What the driver could not map is named in `unknown`, never guessed.

    `kind` is "message" for an interpretive message the analyzer raised: it holds the specimen's related
    results. "other" is kept and shown, e.g. an image path or a suspect score below its limit.
    """

    position: int  # 1-based among the results of the content
    specimen_code: str  # the tube's number, padding stripped
    code: str  # the analyzer's test code
    aspect: str
    dilution: str
    value: str  # escapes resolved, unit and flag inside it taken away, known words translated
    number: Decimal | None  # in `unit`: a power of ten in the device's unit is multiplied
    comparator: str  # "<", ">", "<=", ">=" or ""
    unit: str  # UCUM; "" when none was sent or it is unknown
    unit_raw: str
    range_raw: str
    flags: tuple[str, ...]
    status: str
    measured_at: datetime | None  # UTC
    kind: Kind
    reported: bool  # by the driver's aspect policy
    instrument: str
    operator: str
    comments: tuple[str, ...]  # texts of the C records or NTE segments below
    unknown: tuple[str, ...]  # e.g. "flag 'ZZ'", "unit 'Percnt'"
    raw: dict[str, str]  # fields as sent
    message: int = 1  # 1-based among the messages of the content
    dropped: bool = False  # the driver says that nobody needs it; the message keeps it
    index: str = ""  # "H", "I" or "L": it says how the specimen is, not what was ordered
    level: Decimal | None = None  # of an index, in the unit of the rules


@dataclass(frozen=True, slots=True)
class HostQuery:
    """The analyzer asks what to do with these tubes; `cancelled` withdraws the question before it."""

    specimen_codes: tuple[str, ...]
    tests: tuple[str, ...]  # empty: all
    cancelled: bool
    place: str  # rack, position and what else the answer has to echo
    raw: str
    everything: bool = False  # asks for all that is open
    tag: str = ""  # QPD-2, to be echoed
    control_id: str = ""  # MSH-10 of the question
    message: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person has to see: the reason, and the record as sent."""

    reason: str
    raw: str
    position: int | None = None  # of the reading it concerns
    specimen_code: str = ""  # where it concerns a tube's order
    codes: tuple[str, ...] = ()  # and these of its tests
    message: int = 1


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """The analyzer says whether it takes an order."""

    accepted: bool
    control_id: str  # of our message (MSA-2)
    specimen_code: str
    reason: str
    message: int = 1


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything one message said."""

    readings: tuple[Reading, ...] = ()
    queries: tuple[HostQuery, ...] = ()
    problems: tuple[Problem, ...] = ()
    sender: str = ""
    sender_expected: bool = True  # does the H record name what the driver expects?
    control: bool = False  # the whole message is quality control (H-12 Q)
    answers: tuple[OrderAnswer, ...] = ()
    messages: int = 1  # of this content


Action: TypeAlias = Literal["new", "cancel", "add", "rerun"]


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What one tube needs on this analyzer: the answer to a host query, or an order sent unasked."""

    specimen_code: str
    codes: tuple[str, ...]  # the analyzer's test codes; empty: nothing to do
    priority: str = "R"
    place: str = ""  # echoed from the query
    patient_code: str = ""
    action: Action = "new"
    dilution: str = ""
    patient_name: str = ""
    birth_date: str = ""  # YYYYMMDD
    sex: str = ""
    ward: str = ""
    collected: str = ""  # YYYYMMDDhhmmss
    specimen_type: str = ""
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One result a simulated analyzer sends, in the analyzer's own terms."""

    code: str
    value: str
    unit: str = ""
    range: str = ""
    flags: str = "N"
    status: str = "F"
    aspect: str = ""
    dilution: str = ""
    alarm: str = "0"


@dataclass(frozen=True, slots=True)
class Run:
    """One tube measured by a simulated analyzer."""

    specimen_code: str
    measurements: tuple[Measurement, ...]
    control: bool = False

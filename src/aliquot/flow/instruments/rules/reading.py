"""What a driver understands of a message: frozen values, nothing decided."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["patient", "control", "other", "message"]
Action: TypeAlias = Literal["N", "A", "C"]  # LIS02-A2 8.4.12, O-12


@dataclass(frozen=True, slots=True)
class Reading:
    """One R record in our terms. What the driver could not map is named in `unknown`, never guessed.

    `kind` is "message" for an interpretive message the analyzer raised: it holds the specimen's related
    results. "other" is kept and shown, e.g. an image path or a suspect score below its limit.
    """

    position: int  # 1-based among the R records of the message
    specimen_code: str  # the tube's number, padding stripped
    code: str  # the analyzer's test code
    aspect: str
    dilution: str
    value: str  # as sent, escapes resolved
    number: Decimal | None
    comparator: str  # "<", ">" or ""
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
    comments: tuple[str, ...]  # texts of the C records below
    unknown: tuple[str, ...]  # e.g. "flag 'ZZ'", "unit 'Percnt'"
    raw: dict[str, str]  # fields as sent

    @property
    def unknown_flag(self) -> bool:
        """Whether something about this reading was not understood, so that it has to be held."""
        return bool(self.unknown)


@dataclass(frozen=True, slots=True)
class HostQuery:
    """The analyzer asks what to do with these tubes; `cancelled` withdraws the question before it."""

    specimen_codes: tuple[str, ...]
    tests: tuple[str, ...]  # empty: all
    cancelled: bool
    place: str  # rack, position and what else the answer has to echo
    raw: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person has to see: the reason, and the record as sent."""

    reason: str
    raw: str
    position: int | None = None  # of the reading it concerns


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything one message said."""

    readings: tuple[Reading, ...] = ()
    queries: tuple[HostQuery, ...] = ()
    problems: tuple[Problem, ...] = ()
    sender: str = ""
    sender_expected: bool = True  # does the H record name what the driver expects?
    control: bool = False  # the whole message is quality control (H-12 Q)


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What one tube needs on this analyzer: the answer to a host query."""

    specimen_code: str
    codes: tuple[str, ...]  # the analyzer's test codes; empty: nothing to do
    priority: str = "R"
    place: str = ""  # echoed from the query
    patient_code: str = ""
    action: Action = "N"  # what is asked: new, added to what was asked before, cancelled
    dilution: str = ""  # of all codes, in the analyzer's own form; "" leaves it to the analyzer


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

"""What a driver file says, in checked and frozen form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from aliquot.wire.links import LinkProfile

Policy: TypeAlias = Literal["report", "keep", "drop"]
Empty: TypeAlias = Literal["reading", "other", "not_performed"]


class DriverError(ValueError):
    """A driver file is wrong; the words name the file and the key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact sits: record, 1-based field, repeat, component and sub-component (0: all of it)."""

    record: str
    field: int
    component: int = 0
    onwards: bool = False  # this component and all after it
    repeat: int = 0
    part: int = 0  # the sub-component

    def __str__(self) -> str:
        repeat = f"({self.repeat})" if self.repeat else ""
        component = f".{self.component}" if self.component else ""
        part = f".{self.part}" if self.part else ""
        return f"{self.record}-{self.field}{repeat}{component}{part}{'+' if self.onwards else ''}"


@dataclass(frozen=True, slots=True)
class Sign:
    """A place whose text equals or starts with one of these, or is wholly matched by the pattern."""

    at: Place
    equals: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None

    def shows(self, text: str) -> bool:
        """Whether this text is the sign."""
        if text in self.equals or (self.prefixes and text.startswith(self.prefixes)):
            return True
        return self.pattern is not None and self.pattern.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign that gives a result a flag of ours, e.g. `rerun`."""

    sign: Sign
    flag: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Results that are no test results, told by their code or by a sign."""

    code: re.Pattern[str] | None
    sign: Sign | None
    raised_flags: frozenset[str]  # mapped flags that make it a message
    raised_from: Decimal | None  # or a number from which it counts as raised


@dataclass(frozen=True, slots=True)
class Identity:
    """The names the model calls itself by, and other signs that a message is one of its own."""

    senders: tuple[str, ...]
    pattern: re.Pattern[str] | None
    at: tuple[Place, ...]
    signs: tuple[Sign, ...]

    def expects(self, sender: str) -> bool:
        """Whether the sender's name is one the model is known by; a driver without names expects any."""
        if not self.senders and self.pattern is None:
            return True
        return self.names(sender)

    def names(self, sender: str) -> bool:
        """Whether the driver names this sender."""
        if sender in self.senders:
            return True
        return bool(sender) and self.pattern is not None and self.pattern.fullmatch(sender) is not None


@dataclass(frozen=True, slots=True)
class ResultLayout:
    """Where the facts of one result sit; of several places the first that holds something counts."""

    code: tuple[Place, ...]
    code_pattern: re.Pattern[str] | None  # named groups code, dilution, aspect
    code_separator: str  # when given, all places of the code count, joined by it
    aspect: tuple[Place, ...]
    dilution: tuple[Place, ...]
    unit: tuple[Place, ...]
    range: tuple[Place, ...]
    flags: tuple[Place, ...]  # all of them count
    flag_separator: str
    status: tuple[Place, ...]
    instrument: tuple[Place, ...]
    operator: tuple[Place, ...]
    measured_at: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class ValueLayout:
    """Where the value sits and how it is written."""

    at: tuple[Place, ...]
    pattern: re.Pattern[str] | None  # named groups value, comparator, unit, flag
    words: Mapping[str, str]  # its words and ours; when given, other words are named as unknown
    failed: frozenset[str]  # texts that say that there is no result
    comparators: Mapping[str, str]  # e.g. "less than" = "<"
    empty: Empty


@dataclass(frozen=True, slots=True)
class AlarmLayout:
    """Comments that carry an alarm: where it sits, in which comments, and of which records."""

    at: tuple[Place, ...]
    when: Sign | None
    of_order: bool  # also the comments of the order stand for each of its results


@dataclass(frozen=True, slots=True)
class TimeLayout:
    """How the device writes its times; without zone they are local to the laboratory."""

    zone: str  # IANA name or "+03:00"; empty: the laboratory's
    formats: tuple[str, ...]  # strptime forms beside the standard's


@dataclass(frozen=True, slots=True)
class QueryLayout:
    specimen: tuple[Place, ...]
    pattern: re.Pattern[str] | None  # named group code, of the specimen; else the results' pattern
    components_first: bool  # repeats stand inside the component (ADVIA Centaur)
    tests: Place | None
    place: Place | None
    cancel: tuple[Sign, ...]
    all: tuple[Sign, ...]  # asks for everything that is open


@dataclass(frozen=True, slots=True)
class Limits:
    """What the device takes at most; 0: no limit."""

    tests: int = 0  # of one order record or group
    specimens: int = 0  # of one message
    record: int = 0  # bytes of one record
    message: int = 0  # bytes of one message
    name: int = 0  # characters of the patient's name, cut


@dataclass(frozen=True, slots=True)
class Forms:
    """Record templates in the grammar's standard delimiters; {names} are filled with escaped values."""

    records: Mapping[str, tuple[str, ...]]
    test: str = ""
    diluted: str = ""  # instead of test, where a dilution is asked for
    dilution: str = ""  # how {dilution} is written; as it is asked for where nothing is said
    code_pattern: re.Pattern[str] | None = None  # named group code: what of a result's code is ordered
    between: str = "\\"  # stands between two tests
    one_order_per_test: bool = False
    one_message_per_specimen: bool = False
    join: bool = False  # all records are one element, as in fixed-width messages
    nothing: tuple[str, ...] = ()
    actions: Mapping[str, str] = field(default_factory=dict)  # new, cancel, add, rerun
    priorities: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class AnswerLayout:
    """How the device answers an order: the signs of yes and no, and where its reason stands."""

    accepted: tuple[Sign, ...]
    refused: tuple[Sign, ...]
    reason: tuple[Place, ...]
    specimen: tuple[Place, ...]
    control_id: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class TestProposal:
    """A proposed mapping of an analyzer code: LOINC, catalogue unit, and the factor to that unit."""

    code: str
    loinc: str
    unit: str
    device_unit: str
    factor: Decimal
    source: str
    aspect: str = ""  # the one that is this test's result, where several are reported; the others are kept


@dataclass(frozen=True, slots=True)
class IndexLayout:
    """Which codes are indices of the specimen ("H", "I", "L"), and how what is sent becomes a level.

    A level is in the unit of the rules (rules/indices.py). A number is multiplied by the factor of its code
    or of its index; a grade stands for the upper end of what it covers. Where an index has grades and no
    factor, a number that is no grade says nothing: nobody knows of what.
    """

    codes: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, Decimal] = field(default_factory=dict)
    code_factors: Mapping[str, Decimal] = field(default_factory=dict)  # a laboratory's, for one code
    grades: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def level(self, code: str, text: str, number: Decimal | None) -> Decimal | None:
        """The level that a text or its number says; None when it says none that is known."""
        index = self.codes[code]
        grades = self.grades.get(index, {})
        if (graded := grades.get(text.strip())) is not None:
            return graded
        factor = self.code_factors.get(code, self.factors.get(index, None if grades else Decimal(1)))
        return None if factor is None or number is None or number < 0 else number * factor


NO_INDICES = IndexLayout()


@dataclass(frozen=True, slots=True)
class Layout:
    """One driver file in checked form."""

    model: str
    vendor: str
    name: str
    version: str
    sources: Mapping[str, str]
    framing: LinkProfile
    grammar: str
    grammar_options: Mapping[str, Any]
    charset: str
    decimal: str
    identity: Identity
    specimen: tuple[Place, ...]
    specimen_pattern: re.Pattern[str] | None
    specimen_limit: int
    result: ResultLayout
    value: ValueLayout
    time: TimeLayout
    aspects: Mapping[str, Policy]
    flags: Mapping[str, str]
    alarm: AlarmLayout | None
    alarms: Mapping[str, str]
    statuses: Mapping[str, str]
    status_flags: Mapping[str, str]
    units: Mapping[str, str]
    unit_factors: Mapping[str, Decimal]  # of units that carry a power of ten
    ucum: bool  # a unit that is valid UCUM needs no entry
    marks: tuple[Mark, ...]
    observations: tuple[Observation, ...]
    controls: tuple[Sign, ...]
    failures: tuple[Sign, ...]  # an order that came back without results was not performed
    query: QueryLayout | None
    answer: AnswerLayout
    order: Forms | None
    simulation: Forms | None
    tests: Mapping[str, TestProposal]
    indices: IndexLayout = NO_INDICES

    @property
    def senders(self) -> tuple[str, ...]:
        """The names this model is known to call itself by."""
        return self.identity.senders

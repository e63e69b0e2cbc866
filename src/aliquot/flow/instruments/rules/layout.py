"""What a driver file says, in checked and frozen form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.astm_records import Delimiters

Policy: TypeAlias = Literal["report", "keep"]


class DriverError(ValueError):
    """A driver file is wrong; the words name the file and the key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact sits: record letter, 1-based field, 1-based component (0: the whole field)."""

    record: str
    field: int
    component: int = 0
    onwards: bool = False  # this component and all after it


@dataclass(frozen=True, slots=True)
class Observation:
    """R records that are no test results, told by their code."""

    code: re.Pattern[str]
    raised_flags: frozenset[str]  # mapped flags that make it a message
    raised_from: Decimal | None  # or a number from which it counts as raised


@dataclass(frozen=True, slots=True)
class Control:
    """One sign of quality control: a place that equals or starts with one of these."""

    at: Place
    equals: frozenset[str]
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultLayout:
    code: Place
    code_pattern: re.Pattern[str] | None  # named groups code and dilution
    aspect: Place | None
    dilution: Place | None
    operator: Place
    measured_at: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class QueryLayout:
    specimen: Place
    components_first: bool  # repeats stand inside the component (ADVIA Centaur)
    place: Place | None
    cancel: frozenset[str]


@dataclass(frozen=True, slots=True)
class Forms:
    """Record templates in the standard's delimiters; {names} are filled with escaped values."""

    records: Mapping[str, str]
    test: str = ""
    one_order_per_test: bool = False
    nothing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestProposal:
    """A proposed mapping of an analyzer code: LOINC, catalogue unit, and the factor to that unit."""

    code: str
    loinc: str
    unit: str
    device_unit: str
    factor: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One driver file in checked form."""

    model: str
    vendor: str
    name: str
    version: str
    sources: Mapping[str, str]
    framing: FramingProfile
    charset: str
    decimal: str
    senders: tuple[str, ...]
    specimen: tuple[Place, ...]
    specimen_limit: int
    result: ResultLayout
    aspects: Mapping[str, Policy]
    flags: Mapping[str, str]
    alarm: Place | None
    alarms: Mapping[str, str]
    statuses: Mapping[str, str]
    status_flags: Mapping[str, str]
    units: Mapping[str, str]
    observations: tuple[Observation, ...]
    controls: tuple[Control, ...]
    query: QueryLayout | None
    order: Forms
    simulation: Forms
    tests: Mapping[str, TestProposal]
    delimiters: Delimiters

"""All that holds for one test and one population, resolved: what `decide` walks through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from aliquot.flow.verification.rules.facts import NO_INTERVAL, Interval, TestFacts
from aliquot.flow.verification.rules.shapes import (
    Comment,
    Consistency,
    Delta,
    Exclusion,
    FlagAction,
    Indices,
    MeasuringRange,
    Quality,
    Reflex,
    Rerun,
    Swap,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """Two limits and the rule that set them."""

    low: Decimal | None = None
    high: Decimal | None = None
    rule: str = ""


NO_BOUND = Bound()


UNIT_CHANGED = "unit"
"""Scope of what waits because its unit is not the one that the rules were approved for."""


@dataclass(frozen=True, slots=True)
class Suspension:
    """Automatic release switched off: of what ("test", "analyzer", "laboratory", "network"), and why.

    With UNIT_CHANGED nobody switched it off: `note` names the unit of the approval and that of now.
    """

    scope: str
    note: str
    test_id: int | None = None
    analyzer_id: int | None = None
    laboratory_id: int | None = None


@dataclass(frozen=True, slots=True)
class FlagRule:
    """What a flag brings, by which rule."""

    action: FlagAction
    rule: str
    most: int
    text_en: str
    text_ru: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of one test for one population.

    `without_rule` is the code of the reason when no limits rule covers the patient ("" when one does);
    `contradicting` names rules of one kind that are equally specific.
    """

    facts: TestFacts
    interval: Interval = NO_INTERVAL
    without_rule: str = ""
    contradicting: tuple[str, ...] = ()
    autoverification: Bound = NO_BOUND
    critical: Bound = NO_BOUND
    absurd: Bound = NO_BOUND
    delta: Delta | None = None
    quality: tuple[Quality, ...] = ()
    flags: Mapping[str, FlagRule] = field(default_factory=dict)
    ranges: tuple[MeasuringRange, ...] = ()
    indices: tuple[Indices, ...] = ()
    swaps: tuple[Swap, ...] = ()
    consistencies: tuple[Consistency, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    reruns: tuple[Rerun, ...] = ()
    reflexes: tuple[Reflex, ...] = ()
    comments: tuple[Comment, ...] = ()
    suspensions: tuple[Suspension, ...] = ()

"""What becomes of a tube at reception's scanner: each number has its own outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from aliquot.flow.specimens.rules.acceptance import (
    ConditionFacts,
    Lane,
    Outcome,
    TestLimits,
    TestVerdict,
    judge_condition,
)
from aliquot.flow.specimens.rules.numbering import check_number, region_of


class Intake(Enum):
    """The outcomes that reception sees, by number."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"
    ALREADY = "already"
    UNKNOWN = "unknown"
    OTHER_REGION = "other_region"
    OTHER_LABORATORY = "other_laboratory"
    NOT_COLLECTED = "not_collected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TestAsked:
    """One test of a tube: its row, its limits, whether it still waits to be judged."""

    __test__ = False  # not a test case, whatever its name says to pytest

    id: int
    limits: TestLimits
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class TubeFacts:
    """What is known of a scanned tube. `observed` are codes of rejection reasons that reception noted."""

    id: int
    number: str
    state: str
    laboratory_id: int
    container: str
    collected_at: datetime | None
    spun_at: datetime | None
    lane: Lane
    observed: frozenset[str]
    is_irreplaceable: bool
    is_order_cancelled: bool
    tests: tuple[TestAsked, ...]


@dataclass(frozen=True, slots=True)
class AcceptOutcome:
    """The outcome for a number, with the verdict on each test that was judged."""

    number: str
    kind: Intake
    specimen_id: int | None = None
    verdicts: tuple[TestVerdict, ...] = ()

    def with_outcome(self, *outcomes: Outcome) -> tuple[TestVerdict, ...]:
        """The judged tests with one of these outcomes."""
        return tuple(one for one in self.verdicts if one.outcome in outcomes)


NOT_YET_DRAWN = frozenset({"planned", "labelled"})
TAKEN_IN = frozenset({"accepted", "rejected"})


def stranger(number: str, region_prefixes: Collection[str]) -> AcceptOutcome:
    """The outcome for a number without a tube: of another region when it is a number of one, else unknown."""
    is_foreign = check_number(number).is_valid and region_of(number) not in region_prefixes
    return AcceptOutcome(number, Intake.OTHER_REGION if is_foreign else Intake.UNKNOWN)


def judge_intake(tube: TubeFacts, *, laboratory_id: int, at: datetime) -> AcceptOutcome:
    """Whether this tube is taken in at `laboratory_id`, and which of its tests.

    A tube is taken in once, at the laboratory it is bound for, after it was drawn and while its order stands.
    It is accepted when every test is, rejected when no test can be done, and else partly accepted.
    Source: ISO 15189:2022, 7.2.6.1 (receipt) and 7.2.6.2 (acceptance).
    """
    if kind := _refused(tube, laboratory_id):
        return AcceptOutcome(tube.number, kind, tube.id)
    verdicts = judge_tests(tube, at)
    outcomes = {one.outcome for one in verdicts}
    if outcomes == {Outcome.REJECT}:
        kind = Intake.REJECTED
    else:
        kind = Intake.PARTLY if outcomes & {Outcome.REJECT, Outcome.HOLD} else Intake.ACCEPTED
    return AcceptOutcome(tube.number, kind, tube.id, verdicts)


def judge_tests(tube: TubeFacts, at: datetime) -> tuple[TestVerdict, ...]:
    """The verdict on each test of the tube that still waits for one, by `judge_condition`."""
    facts = ConditionFacts(
        container=tube.container,
        judged_at=at,
        tests=tuple(one.limits for one in tube.tests if one.is_waiting),
        collected_at=tube.collected_at,
        spun_at=tube.spun_at,
        lane=tube.lane,
        observed=tube.observed,
        is_irreplaceable=tube.is_irreplaceable,
    )
    return judge_condition(facts)


def _refused(tube: TubeFacts, laboratory_id: int) -> Intake | None:
    if tube.laboratory_id != laboratory_id:
        return Intake.OTHER_LABORATORY
    if tube.state in TAKEN_IN:
        return Intake.ALREADY
    if tube.state == "cancelled" or tube.is_order_cancelled or not any(one.is_waiting for one in tube.tests):
        return Intake.CANCELLED
    if tube.state in NOT_YET_DRAWN or tube.collected_at is None:
        return Intake.NOT_COLLECTED
    return None

"""Made-up readings in the very form in which results are kept: what a back-test reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aliquot.entrypoints.backtest.seeded.control import Standing
from aliquot.entrypoints.backtest.seeded.measurands import TubeKind
from aliquot.entrypoints.backtest.seeded.patients import Content
from aliquot.entrypoints.backtest.seeded.tubes import Tube, read
from aliquot.entrypoints.backtest.seeded.visits import Visit
from aliquot.flow.results.rules.backtest.replay import Kept
from aliquot.flow.verification.rules.evidence import QcState
from aliquot.flow.verification.rules.facts import TestFacts

Tests = Mapping[str, TestFacts]
Standings = Mapping[tuple[int, str], Standing]
LABORATORY = 1
SPUN_AFTER, SENT_AFTER, RELEASED_AFTER = timedelta(minutes=40), timedelta(minutes=1), timedelta(minutes=2)
COUNT_FOLLOWS = timedelta(minutes=12)
MOST_TESTS = 100
"""Tests of one visit at most: each result has its own number."""
WARDS = {"clinic": "", "ward": "WARD", "intensive": "ICU"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as the analyzer sends it, and its result id; `wide` has all digits."""

    result_id: int
    code: str
    value: Decimal
    wide: float


def readings(
    tubes: Mapping[TubeKind, Tube], visit: Visit, said: Mapping[TubeKind, Content], tests: Tests
) -> Iterator[Reading]:
    """The values of these tubes, rounded as the catalogue says, without tests that it does not know."""
    number = 0
    for kind, tube in tubes.items():
        for code in tube.codes:
            number += 1
            if code in tests:
                wide = max(said[kind][code], 0.0)
                yield Reading(_id(visit, number), code, _rounded(wide, tests[code]), wide)


def kept_rows(
    visit: Visit, said: Mapping[TubeKind, Content], tests: Tests, standings: Standings | None
) -> list[Kept]:
    """The results of a visit and of the one before it; without standings nobody keeps control."""
    then = {kind: read(tube) for kind, tube in visit.before.items()}
    rows = [
        _row(visit, visit.before, one, tests[one.code], "no_plan", is_before=True)
        for one in readings(visit.before, visit, then, tests)
    ]
    for one in readings(visit.tubes, visit, said, tests):
        tube = _tube_of(visit.tubes, one.code)
        state = standings[tube.analyzer, one.code].at(_measured(tube)) if standings is not None else "no_plan"
        rows.append(_row(visit, visit.tubes, one, tests[one.code], state, is_before=False))
    return rows


def _row(
    visit: Visit,
    tubes: Mapping[TubeKind, Tube],
    one: Reading,
    facts: TestFacts,
    state: QcState,
    *,
    is_before: bool,
) -> Kept:
    tube, patient = _tube_of(tubes, one.code), visit.patient
    measured = _measured(tube)
    recorded = measured + SENT_AFTER
    released = recorded + RELEASED_AFTER if is_before else None
    key = one.result_id - MOST_TESTS // 2 if is_before else one.result_id
    spun = tube.collected_at + SPUN_AFTER if tube.kind == "serum" else None
    return Kept(
        result_id=key,
        patient_id=patient.number + 1,
        order_id=2 * patient.number + (1 if is_before else 2),
        order_item_id=key,
        test_id=facts.test_id,
        laboratory_id=LABORATORY,
        analyzer_id=tube.analyzer,
        value=one.value,
        value_text=str(one.value),
        comparator="",
        unit=facts.unit,
        analyzer_flags=[],
        run=1,
        dilution="",
        is_computed=False,
        was_sent_back=False,
        sex=patient.sex,
        age_days=patient.age_days,
        ward=WARDS[patient.setting],
        diagnosis="",
        is_pregnant=None,
        urgency="R",
        collected_at=tube.collected_at,
        measured_at=measured,
        spun_at=spun,
        accepted_at=spun or tube.collected_at + SPUN_AFTER,
        conditions=[],
        qc_state=state,
        is_calibrated=None,
        is_reagent_valid=None,
        recorded_at=recorded,
        decided_at=released,
        released_at=released,
        state="released" if is_before else "recorded",
        is_automatic=is_before,
        supersedes_id=None,
        item_state="reported" if is_before else "open",
        order_state="completed" if is_before else "placed",
        before=None,
        indices=[f"H{tube.haemoglobin:.2f}"] if tube.kind == "serum" else None,
    )


def _id(visit: Visit, number: int) -> int:
    return (visit.patient.number + 1) * MOST_TESTS + MOST_TESTS // 2 + number


def _tube_of(tubes: Mapping[TubeKind, Tube], code: str) -> Tube:
    return next(one for one in tubes.values() if code in one.codes)


def _measured(tube: Tube) -> datetime:
    return tube.measured_at + (COUNT_FOLLOWS if tube.kind == "count" else timedelta(0))


def _rounded(value: float, facts: TestFacts) -> Decimal:
    return Decimal(f"{value:.{facts.decimals or 0}f}")

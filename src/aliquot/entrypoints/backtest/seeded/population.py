"""A day of a laboratory network, made up from a seed: results as they are kept, with and without errors.

A pure function of its arguments. What was planted stands beside the results and never in them: the rules read
rows of the very form in which a back-test reads real results.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from aliquot.entrypoints.backtest.seeded.control import Drift
from aliquot.entrypoints.backtest.seeded.faults import Fault
from aliquot.entrypoints.backtest.seeded.measurands import BY_CODE, TubeKind
from aliquot.entrypoints.backtest.seeded.patients import Content
from aliquot.entrypoints.backtest.seeded.planting import drifted, drifts_of, plant, standings_of
from aliquot.entrypoints.backtest.seeded.rows import Tests, kept_rows, readings
from aliquot.entrypoints.backtest.seeded.tubes import read
from aliquot.entrypoints.backtest.seeded.visits import DAY, Visit, make_visits
from aliquot.flow.results.rules.backtest.replay import Kept

RECENT, LOOKED_BACK = 30.0, 92.0
"""Days: an earlier value is told apart as recent up to the first; past the second nobody looks for it."""
GROSS, MODERATE = 2 / 3, 1 / 3
"""Shares of the exchanged values that are wrong by more than the allowable error."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What was done to one result: kind, form, size, whether the patient has values to compare with.

    `is_wrong`: by more than the total allowable error.
    """

    kind: str
    form: str
    size: str
    past: str
    order: int
    test: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Population:
    """The rows of the day before anything is planted, afterwards, and afterwards where nobody keeps control.

    `marks` say by result what was planted, and no rule reads them.
    """

    clean: list[Kept]
    planted: list[Kept]
    without_control: list[Kept]
    marks: Mapping[int, Planted]
    orders: int
    since: datetime
    until: datetime


def make_population(seed: int, results: int, tests: Tests, *, rate: float = 2.0) -> Population:
    """At least so many results of one day, made from a seed; in `rate` percent of orders one error of a kind.

    The kinds are swapped tubes, K-EDTA and dilutions, never two in one order; beside them one in ten pairs of
    analyzer and test drifts over the day, in orders without another error. With rate 0 nothing is planted.
    """
    visits = make_visits(results, Random(f"{seed} patients"))  # noqa: S311 - made up, no secret
    faulty = plant(visits, rate / 100, Random(f"{seed} errors"))  # noqa: S311 - made up, no secret
    drifts = drifts_of(visits, Random(f"{seed} drifts")) if rate else {}  # noqa: S311 - made up, no secret
    steady, drifting = standings_of(seed, visits, {}), standings_of(seed, visits, drifts)
    clean, planted, without = [], [], []
    marks: dict[int, Planted] = {}
    for number, visit in enumerate(visits):
        true = {kind: read(tube) for kind, tube in visit.tubes.items()}
        if number in faulty:
            said, fault = faulty[number]
            causes: Mapping[str, Fault | Drift] = {
                code: fault for one in visit.tubes.values() for code in one.codes
            }
        else:
            said, causes = drifted(visit, drifts)
        clean += kept_rows(visit, true, tests, steady)
        # an order with another error is no drift's: its control is as if none drifted
        planted += kept_rows(visit, said, tests, steady if number in faulty else drifting)
        without += kept_rows(visit, said, tests, None)
        marks |= _marks(visit, true, said, causes, tests)
    return Population(clean, planted, without, marks, len(visits), DAY, DAY + timedelta(days=1))


def _marks(
    visit: Visit,
    true: Mapping[TubeKind, Content],
    said: Mapping[TubeKind, Content],
    causes: Mapping[str, Fault | Drift],
    tests: Tests,
) -> dict[int, Planted]:
    """The results that came out otherwise than they should; what rounds to the same is no error."""
    both = list(
        zip(readings(visit.tubes, visit, true, tests), readings(visit.tubes, visit, said, tests), strict=True)
    )
    changed = [(right, wrong) for right, wrong in both if right.value != wrong.value]
    far = {right.result_id for right, wrong in changed if _is_wrong(right.code, right.wide, wrong.wide)}
    extent = _extent(len(far), len(changed))
    return {
        right.result_id: _mark(visit, causes[right.code], right.code, extent, is_wrong=right.result_id in far)
        for right, _ in changed
    }


def _mark(visit: Visit, cause: Fault | Drift, code: str, extent: str, *, is_wrong: bool) -> Planted:
    number, past = visit.patient.number, _past(visit)
    if isinstance(cause, Drift):
        return Planted("drift", "growing over the day", cause.size, past, number, code, is_wrong)
    return Planted(cause.kind, cause.form, cause.size or extent, past, number, code, is_wrong)


def _is_wrong(code: str, right: float, wrong: float) -> bool:
    return abs(wrong - right) > BY_CODE[code].allowable * right


def _extent(far: int, changed: int) -> str:
    share = far / changed if changed else 0.0
    return "gross" if share >= GROSS else "moderate" if share >= MODERATE else "slight"


def _past(visit: Visit) -> str:
    if visit.days is None or visit.days > LOOKED_BACK:
        return "none"
    return "recent" if visit.days <= RECENT else "older"

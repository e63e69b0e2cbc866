"""The orders of one made-up day: who, which tests in which tubes, when, where, and the visit before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from aliquot.entrypoints.backtest.seeded.measurands import TubeKind
from aliquot.entrypoints.backtest.seeded.patients import Patient, content_on, make_patient
from aliquot.entrypoints.backtest.seeded.tubes import Tube, free_haemoglobin, noise_of, ordered

DAY = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""When the analyzers of the made-up day begin."""
HOURS = timedelta(hours=20)
SPECIMENS_OF_AN_ANALYZER = 800
FIRST_ANALYZER: Mapping[TubeKind, int] = {"serum": 1, "count": 1001}
LAGS = {"clinic": (0.65, 75.0, 0.9), "ward": (0.75, 2.2, 0.8), "intensive": (0.95, 1.2, 0.2)}
"""Who has an earlier visit, its median of days ago and the spread of its logarithm (general knowledge)."""
LEAST_LAG = 1.1


@dataclass(slots=True)
class Visit:
    """One order of today with the tubes of today and of the visit before; `days` since that one, if any."""

    patient: Patient
    tubes: dict[TubeKind, Tube]
    before: dict[TubeKind, Tube]
    days: float | None


def make_visits(results: int, random: Random) -> list[Visit]:
    """Patients one after another until so many tests are ordered; then each goes to its analyzers."""
    found: list[tuple[Patient, dict[TubeKind, tuple[str, ...]]]] = []
    count = 0
    while count < results:
        patient = make_patient(len(found), random)
        tests = ordered(is_clinic=patient.setting == "clinic", random=random)
        count += sum(map(len, tests.values()))
        found.append((patient, tests))
    return [_visit(one, tests, len(found), random) for one, tests in found]


def _visit(
    patient: Patient, tests: Mapping[TubeKind, tuple[str, ...]], patients: int, random: Random
) -> Visit:
    measured = DAY + HOURS * ((patient.number + 0.5) / patients)
    analyzers = max(2, patients // SPECIMENS_OF_AN_ANALYZER)
    collected = measured - timedelta(minutes=random.uniform(70, 200))
    days = _days_since(patient, random)
    drawn = [(timedelta(0), content_on(patient, 0, random))]
    if days is not None:
        drawn.append((timedelta(days=days), content_on(patient, days, random)))
    made: list[dict[TubeKind, Tube]] = [
        {
            kind: Tube(
                kind,
                codes,
                content,
                noise_of(kind, random),
                free_haemoglobin(random) if kind == "serum" else 0.0,
                FIRST_ANALYZER[kind] + patient.number % analyzers,
                collected - back,
                measured - back,
            )
            for kind, codes in tests.items()
        }
        for back, content in drawn
    ]
    return Visit(patient, made[0], made[1] if days is not None else {}, days)


def _days_since(patient: Patient, random: Random) -> float | None:
    share, median, spread = LAGS[patient.setting]
    if random.random() >= share:
        return None
    return max(median * random.lognormvariate(0, spread), LEAST_LAG)

"""Data of studies from analyzers: pairs of the same tubes, control results; only of the time, test and laboratory."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.results.actions import (
    Then,
    amend_result,
    file_readings,
    open_look_back,
    refuse_result,
    repeat_result,
    withdraw_results,
)
from aliquot.flow.results.models import Result
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.oversight.studies.actions import Gathered, gather_data
from aliquot.oversight.studies.jobs import run_evaluation
from aliquot.oversight.studies.models import EvaluationStudy
from aliquot.oversight.studies.queries import latest_data
from aliquot.registers.catalogue.models import Test
from aliquot.registers.patients.models import AccessEntry
from tests.factories import NOW, make_accepted, make_decided
from tests.flow.quality.benches import Controlled, make_controlled
from tests.oversight.studies.made import make_study, planner, signer
from tests.regions import Region
from tests.tubes import make_analyzer

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
DAY = Gathered(NOW - timedelta(days=1), NOW + timedelta(days=1))


@pytest.fixture
def bench(region: Region) -> Controlled:
    return make_controlled(region)


@pytest.fixture
def second(region: Region) -> Analyzer:
    return make_analyzer(region.hub, "sysmex_xn", "XN-NEW", 40_321)


def measured_twice(bench: Controlled, second: Analyzer, *values: tuple[str, str]) -> list[str]:
    """Numbers of tubes whose haemoglobin both analyzers measured, in g/dL as the device says."""
    tubes = []
    for first, other in values:
        tube = make_accepted(bench.region, "HGB")
        tubes.append(tube.number)
        bench.send(tube.number, first)
        bench.read()
        new = Controlled(
            bench.region, second, bench.test, bench.lots, bench.manager, bench.technologist, bench.at
        )
        new.send(tube.number, other)
        file_readings(limit=10, by=bench.region.worker, at=new.at)
        bench.at = new.at
    return tubes


def study_of(
    bench: Controlled, second: Analyzer, kind: str = "comparison", **changes: object
) -> EvaluationStudy:
    facts = {"test": bench.test, "analyzer": second, "compared": bench.analyzer, **changes}
    return make_study(bench.region, kind, **facts)


def gathered(region: Region, study: EvaluationStudy, what: Gathered = DAY) -> str:
    """What was gathered, as text."""
    by = planner(region)
    with acting(by):
        gather_data(study, what, by=by, at=NOW)
        data = latest_data(study.pk)
    assert data is not None
    assert data.origin == "analyzers"
    return bytes(data.content).decode()


VALUES = (("14.2", "14.4"), ("12.0", "12.1"), ("16.1", "16.5"), ("9.8", "9.9"))


def test_pairs_come_by_tube(region: Region, bench: Controlled, second: Analyzer) -> None:
    tubes = measured_twice(bench, second, *VALUES)
    bench.patient("13.0")  # measured once
    study = study_of(bench, second)
    lines = gathered(region, study).splitlines()
    assert lines[0] == "tube,measured_at,x,y"
    assert [line.split(",")[0] for line in lines[1:]] == tubes
    assert [line.split(",")[2:] for line in lines[1:]] == [
        ["142", "144"],
        ["120", "121"],
        ["161", "165"],
        ["98", "99"],
    ]
    assert run_evaluation(study.pk)
    with acting(planner(region)):
        study.refresh_from_db()
    assert study.record is not None
    assert study.record["figures"]["n"] == 4
    with acting(region.people["director"]):
        assert AccessEntry.objects.filter(what="study: pairs of tubes").count() == 4


def recalled(region: Region, one: Result, by: Actor) -> None:
    at = one.measured_at or NOW
    span = Criteria(analyzer_id=one.analyzer_id, since=at, until=at + timedelta(seconds=1))
    open_look_back(span, region.hub, reason="lamp failed", by=by, at=NOW + timedelta(hours=1))


def recalled_and_amended(region: Region, one: Result, by: Actor) -> None:
    recalled(region, one, by)
    amended(region, one, by)


def withdrawn(_region: Region, one: Result, by: Actor) -> None:
    withdraw_results([one.pk], reason="a wrong tube", then=Then.OPEN, by=by, at=NOW + timedelta(hours=1))


def amended(_region: Region, one: Result, by: Actor) -> None:
    amend_result(one, "7.7", reason="measured elsewhere", by=by, at=NOW + timedelta(hours=2))


def refused(_region: Region, one: Result, by: Actor) -> None:
    refuse_result([one.pk], reason="a clot", by=by, at=NOW + timedelta(hours=1))


def repeated(_region: Region, one: Result, by: Actor) -> None:
    repeat_result([one.pk], reason="measure again", by=by, at=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("happened", "flags", "is_left_out"),
    [
        (recalled, (), True),
        (recalled_and_amended, (), True),
        (withdrawn, (), True),
        (amended, (), True),
        (refused, ("?",), True),
        (repeated, ("?",), False),
    ],
)
def test_a_value_that_turned_out_wrong_is_no_part_of_a_study(
    region: Region,
    happened: Callable[[Region, Result, Actor], None],
    flags: tuple[str, ...],
    *,
    is_left_out: bool,
) -> None:
    """What was recalled, withdrawn, amended or refused is left out; a repeat alone says nothing against a value."""
    first, other = (make_analyzer(region.hub, "roche_cobas_c311", f"A-{at}", 40_400 + at) for at in (1, 2))
    doctor, tubes, results = signer(region), [], []
    for place, value in enumerate(("5.0", "5.4", "6.1", "6.6")):
        tube, at = make_accepted(region, "GLUS"), NOW + timedelta(minutes=place)
        facts: dict[str, Any] = {"measured_at": at, "flags": flags if place == 0 else ()}
        results.append(make_decided(region, tube, "GLUS", value, analyzer_id=first.pk, **facts))
        make_decided(
            region, tube, "GLUS", value, analyzer_id=other.pk, measured_at=at + timedelta(seconds=30)
        )
        tubes.append(tube.number)
    with acting(doctor):
        happened(region, results[0], doctor)
    text = gathered(region, make_study(region, analyzer=other, compared=first))
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == tubes[1 if is_left_out else 0 :]


def test_only_the_tubes_that_are_named(region: Region, bench: Controlled, second: Analyzer) -> None:
    tubes = measured_twice(bench, second, *VALUES)
    study = study_of(bench, second, "lot")
    text = gathered(region, study, Gathered(DAY.since, DAY.until, tubes[1:]))
    assert text.splitlines()[0] == "tube,measured_at,current,candidate"
    assert len(text.splitlines()) == 4


def test_one_analyzer_alone_gives_first_and_last(region: Region, bench: Controlled) -> None:
    measured_twice(bench, bench.analyzer, *VALUES)
    bench.patient("13.0")  # measured once: no pair with itself
    study = study_of(bench, bench.analyzer, "lot", compared=None)
    _, *lines = gathered(region, study).splitlines()
    assert len(lines) == len(VALUES)
    assert lines[0].split(",")[2:] == ["142", "144"]


def test_what_lies_outside_the_time_is_left_out(region: Region, bench: Controlled, second: Analyzer) -> None:
    measured_twice(bench, second, *VALUES)
    study = study_of(bench, second)
    by = planner(region)
    for late in (
        Gathered(DAY.until, DAY.until + timedelta(days=1)),
        Gathered(DAY.since - timedelta(days=2), DAY.since),
    ):
        with acting(by), pytest.raises(Refused, match="0 tubes were measured twice"):
            gather_data(study, late, by=by, at=NOW)
    with acting(by), pytest.raises(Refused, match="before the beginning"):
        gather_data(study, Gathered(DAY.until, DAY.since), by=by, at=NOW)


def test_controls_come_with_day_and_lot(region: Region, bench: Controlled) -> None:
    for hours in range(12):
        bench.run(0.1 * (hours % 3), -0.1 * (hours % 4), hours=2)
    study = make_study(region, "precision", test=bench.test, analyzer=bench.analyzer)
    lines = gathered(region, study, Gathered(DAY.since, NOW + timedelta(days=3))).splitlines()
    assert lines[0] == "measured_at,day,level,y"
    assert len(lines) == 1 + 24
    assert lines[1].split(",")[2] == "Blood control A1 1"
    assert run_evaluation(study.pk)
    with acting(planner(region)):
        study.refresh_from_db()
    assert study.record is not None
    assert set(study.record["figures"]["levels"]) == {"Blood control A1 1", "Blood control A1 2"}
    plan = {"allowable_expanded_percent": "8"}
    certain = make_study(region, "uncertainty", test=bench.test, analyzer=bench.analyzer, plan=plan)
    lines = gathered(region, certain, Gathered(DAY.since, NOW + timedelta(days=3), ["A1"])).splitlines()
    assert lines[0] == "measured_at,level,lot,value"
    assert Decimal(lines[1].split(",")[3]) == Decimal(80)
    other = make_study(region, "uncertainty", test=bench.test, analyzer=bench.analyzer, plan=plan)
    by = planner(region)
    with acting(by), pytest.raises(Refused, match="0 control results"):
        gather_data(other, Gathered(DAY.since, DAY.until, ["B7"]), by=by, at=NOW)


def test_what_cannot_be_gathered_is_told(region: Region, bench: Controlled) -> None:
    by = planner(region)
    linear = make_study(region, "linearity", plan={"adl_percent": "5"}, analyzer=bench.analyzer)
    nowhere = make_study(region, "comparison")
    with acting(by), pytest.raises(Refused, match="come from a file"):
        gather_data(linear, DAY, by=by, at=NOW)
    with acting(by), pytest.raises(Refused, match="no test or no analyzer"):
        gather_data(nowhere, DAY, by=by, at=NOW)


def test_an_analyzer_of_another_laboratory_is_refused(region: Region) -> None:
    elsewhere = make_analyzer(region.sites["TUL-NOV"], "sysmex_xn", "XN-FAR", 40_322)
    with pytest.raises(Refused, match="of this laboratory"):
        make_study(region, "comparison", test=Test.objects.get(code="HGB"), analyzer=elsewhere)

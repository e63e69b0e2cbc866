"""Indicators of the validity of results: tests without control or assessment, causes that came again, wrong values."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from aliquot.flow.results.actions import Then, amend_result, withdraw_results
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import reject_tests, request_recollection
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.oversight.insight.actions import count_day
from aliquot.oversight.insight.models import IndicatorCase, IndicatorDay
from aliquot.oversight.proficiency.actions import close_case
from aliquot.oversight.proficiency.queries import cases_of
from aliquot.registers.network.models import Site
from tests.factories import NOW, make_accepted, make_decided
from tests.flow.quality.benches import make_controlled
from tests.oversight.insight.counted import count, react, work
from tests.oversight.insight.test_counting import released
from tests.oversight.proficiency.made import AFTERWARDS, Stage, make_stage
from tests.oversight.proficiency.test_closing import answer, make_closed
from tests.regions import Region, one_with
from tests.tubes import make_analyzer


def labels(region: Region, code: str) -> list[str]:
    with acting(region.worker):
        return sorted(IndicatorCase.objects.filter(code=code).values_list("label", flat=True))


def count_at(region: Region, place: Site, day: date) -> dict[str, tuple[int, int]]:
    """Of another laboratory than the hub."""
    with acting(region.worker):
        count_day(place, day, by=region.worker, at=AFTERWARDS + timedelta(days=9))
        rows = IndicatorDay.objects.filter(laboratory=place, day=day)
        return {one.code: (one.numerator, one.denominator) for one in rows}


def measured(region: Region, analyzer_id: int, code: str = "K", at: datetime = NOW) -> Result:
    value, tube = {"K": "4.2", "GLUS": "5.0"}[code], make_accepted(region, code)
    return make_decided(region, tube, code, value, analyzer_id=analyzer_id, measured_at=at)


def test_a_test_measured_without_its_control_counts(region: Region) -> None:
    analyzer = make_analyzer(region.hub, "roche_cobas_c311", "C311-V")
    for _ in range(2):
        measured(region, analyzer.pk)
    bench = make_controlled(region)
    bench.patient()
    assert count(region)["Intra-IQC"] == (2, 2), "nothing was controlled yet"
    bench.run(0, 0)
    assert count(region)["Intra-IQC"] == (1, 2)
    assert labels(region, "Intra-IQC") == ["C311-V, K"]


def test_a_control_that_was_set_aside_is_none(region: Region) -> None:
    bench = make_controlled(region)
    bench.patient()
    run = bench.run(0, 0)
    assert count(region)["Intra-IQC"] == (0, 1)
    with acting(region.worker):
        run.controlresult_set.update(is_counted=False, note="mixed up")
    assert count(region)["Intra-IQC"] == (1, 1)


def test_a_lot_that_scatters_more_than_allowed_counts(region: Region) -> None:
    bench = make_controlled(region)
    for place in range(19):
        bench.run(0.1 * (-1) ** place, 1.5 * (-1) ** place, hours=0)
    assert "Intra-Var" not in count(region), "nineteen values tell no CV"
    bench.run(0.1, 1.5, hours=0)
    assert count(region)["Intra-Var"] == (1, 2)
    (told,) = labels(region, "Intra-Var")
    assert told.startswith("XN-QC, HGB, A1 2: 2.")


def test_a_control_brings_its_day_to_be_counted(region: Region) -> None:
    bench = make_controlled(region)
    bench.patient()
    for hours in (1, 30):
        work(region, NOW + timedelta(hours=hours))
    assert work(region, NOW + timedelta(hours=60)) == 0, "nothing happened since"
    bench.run(0, 0)
    assert work(region, NOW + timedelta(hours=61)) == 1


def test_a_test_without_assessment_in_a_year_counts(region: Region) -> None:
    stage = make_stage(region)
    make_closed(stage, "5.1", days=-10, submit_by=NOW + timedelta(hours=1))
    evaluated = AFTERWARDS - timedelta(days=10)
    day = stage.hub.day_of(evaluated)
    analyzer = make_analyzer(region.hub, "roche_cobas_c311", "C311-V")
    for code in ("GLUS", "K"):
        for at in (evaluated, NOW):
            measured(region, analyzer.pk, code, at)
    assert count(region, day=day)["Intra-EQA"] == (1, 2)
    assert labels(region, "Intra-EQA") == ["K"]
    assert count(region, day=day - timedelta(days=1))["Intra-EQA"] == (2, 2), "not evaluated by then"


def test_a_cause_that_came_again_counts(region: Region) -> None:
    stage = make_stage(region)
    day = stage.spoke.day_of(AFTERWARDS)
    make_closed(stage, "5.7")
    _worked_off(stage, AFTERWARDS)
    assert count_at(region, stage.spoke, day)["Intra-PTprev"] == (0, 1)
    make_closed(stage, "5.7", days=1, code="2026-12")
    _worked_off(stage, AFTERWARDS + timedelta(days=2))
    assert count_at(region, stage.spoke, day + timedelta(days=2))["Intra-PTprev"] == (1, 1)
    assert count_at(region, stage.spoke, day)["Intra-PTprev"] == (0, 1)


def _worked_off(stage: Stage, at: datetime) -> None:
    with acting(stage.manager):
        (case,) = cases_of({stage.spoke.pk})
    answer(stage, case, "clerical", "cause", "two samples were mixed up")
    answer(stage, case, "patient_impact", "no_impact")
    with acting(stage.manager):
        close_case(case, "labels", by=stage.manager, at=at)


def test_values_that_were_corrected_or_withdrawn_count(region: Region) -> None:
    amended, withdrawn, good = (released(region) for _ in range(3))
    today, doctor = region.hub.day_of(timezone.now()), one_with(region, "laboratory_doctor", region.hub)
    assert count(region, day=today)["Out-InacR"] == (0, 3)
    with acting(doctor):
        said: dict[str, Any] = {"by": doctor, "at": timezone.now()}
        amend_result(Result.objects.get(pk=amended.pk), "6.6", reason="dilution slip", **said)
        withdraw_results([withdrawn.pk], reason="wrong tube", then=Then.NOT_PERFORMED, **said)
    react(region)
    found = count(region, day=today)["Out-InacR"]
    assert found[0] == 2
    with acting(region.worker):
        orders = set(IndicatorCase.objects.filter(code="Out-InacR").values_list("order_id", flat=True))
    assert orders == {amended.order_id, withdrawn.order_id}
    assert good.order_id not in orders


def test_what_the_laboratory_spoilt_is_told_from_what_came_so(region: Region) -> None:
    spoilt, leaked, clotted = (make_accepted(region, "K") for _ in range(3))
    _drawn_again(region, spoilt, "LEAK", hours=2)
    _drawn_again(region, leaked, "LEAK", hours=0)
    _drawn_again(region, clotted, "CLOT", hours=2)
    found = count(region, at=NOW + timedelta(hours=9))
    assert found["Own-Recoll"] == (3, 3)
    assert found["Out-RecLab"] == (1, 3)
    assert found["Out-RecOutp"] == (3, 3)
    with acting(region.worker):
        assert IndicatorCase.objects.get(code="Out-RecLab").specimen_id == spoilt.pk


def test_an_inpatient_is_none_of_the_outpatients(region: Region) -> None:
    _drawn_again(region, make_accepted(region, "K", ward="ICU"), "CLOT", hours=1)
    make_accepted(region, "K")
    found = count(region, at=NOW + timedelta(hours=9))
    assert found["Out-RecOutp"] == (0, 1)
    assert found["Own-Recoll"] == (1, 2)


def _drawn_again(region: Region, tube: Specimen, reason: str, *, hours: int) -> None:
    by, at = one_with(region, "technologist", region.hub), NOW + timedelta(hours=hours, minutes=1)
    with acting(by):
        reject_tests(tube, ["K"], reason, "seen", by=by, at=at)
        request_recollection([one.order_item for one in tube.tests.all()], by=by, at=at)


def test_an_order_without_a_diagnosis_counts(region: Region) -> None:
    released(region, diagnosis="E11")
    released(region, diagnosis="")
    today = region.hub.day_of(timezone.now())
    assert count(region, day=today)["Pre-Quest"] == (1, 2)

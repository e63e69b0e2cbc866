"""Indicators counted from what people and lines did; each figure is as large as its list of tubes."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from aliquot.flow.logistics.actions import finish_reception, receive_box, scan_arrival
from aliquot.flow.results.actions import amend_result, autoverify_batch
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import (
    accept_specimens,
    note_condition,
    reject_tests,
    request_recollection,
)
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden
from aliquot.oversight.insight.actions import count_day
from aliquot.oversight.insight.models import IndicatorCase, IndicatorDue
from aliquot.oversight.insight.queries import (
    cases_of,
    figures_by_month,
    figures_by_site,
    spreads_by_month,
    spreads_by_site,
    spreads_of,
    standing_of,
)
from tests.factories import NOW, make_accepted, make_index, make_result, make_specimen
from tests.flow.logistics.test_boxes import carried_box
from tests.flow.results.critical_calls import called, tell
from tests.oversight.insight.counted import DAY, MONTH, NEXT, count, facts, react, work
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

HOUR = timedelta(hours=1)


def reject(region: Region, tube: Specimen, reason: str) -> None:
    technologist = one_with(region, "technologist", region.hub)
    codes = list(tube.tests.values_list("test__code", flat=True))
    with acting(technologist):
        reject_tests(tube, codes, reason, "seen", by=technologist, at=NOW)


def released(region: Region, value: str = "5.0", **changes: Any) -> Result:
    result = make_result(region, make_accepted(region, "GLUS", **changes), "GLUS", value)
    with acting(region.worker):
        autoverify_batch(limit=100, by=region.worker, at=NOW + timedelta(minutes=20))
    react(region)
    result.refresh_from_db()
    return result


def test_a_rejected_tube_counts_where_its_reason_says(region: Region) -> None:
    tubes = [make_accepted(region, "WBC") for _ in range(4)]
    reject(region, tubes[0], "CLOT")
    reject(region, tubes[1], "INSUF")
    make_accepted(region, "GLUS")  # serum: not among tubes with an anticoagulant
    found = count(region)
    assert found["Pre-Clot"] == (1, 4)
    assert found["Pre-InsV"] == (1, 5)
    assert found["Pre-MisS"] == (0, 5)
    assert "Pre-DamS" not in found, "no tube travelled in a box"
    assert "Pre-MicCon" not in found, "no blood culture came"


def test_haemolysis_is_counted_as_seen_as_measured_and_as_rejected(region: Region) -> None:
    seen, clear, measured = (make_accepted(region, "K") for _ in range(3))
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist):
        note_condition(seen, ["HAEM"], by=technologist, at=NOW)
    analyzer = make_analyzer(region.hub, "roche_cobas_c311", "C311-H")
    with acting(region.worker):
        make_index(clear, analyzer, "0.5")
        make_index(measured, analyzer, "0.3")
        make_index(measured, analyzer, "0.9", at=NOW + timedelta(minutes=5))
    found = count(region)
    assert found["Pre-HemV"] == (1, 3)
    assert found["Pre-HemR"] == (1, 3)
    assert found["Pre-HemI"] == (1, 2)


def test_a_tube_that_is_drawn_again_names_the_one_that_did_not_serve(region: Region) -> None:
    tube = make_accepted(region, "K")
    reject(region, tube, "HAEM")
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist):
        request_recollection([one.order_item for one in tube.tests.all()], by=technologist, at=NOW)
    assert count(region)["Own-Recoll"] == (1, 1)
    with acting(region.worker):
        assert IndicatorCase.objects.get(code="Own-Recoll").specimen_id == tube.pk


def test_critical_values_are_late_once_their_time_is_over(region: Region) -> None:
    told, late, _open = (called(region) for _ in range(3))
    doctor = one_with(region, "laboratory_doctor", region.hub)
    tell(told, doctor, at=told.due_at)
    tell(late, doctor, at=late.due_at + timedelta(minutes=1))
    assert count(region, at=told.due_at)["Post-OutCV"] == (1, 3), "the open one still has time"
    assert count(region, at=told.due_at + timedelta(minutes=1))["Post-OutCV"] == (2, 3)


def test_a_ward_tells_critical_values_of_inpatients_apart(region: Region) -> None:
    called(region, ward="ICU")
    called(region)
    found = count(region, at=NOW)
    assert found["Post-InpCV"] == (0, 1)
    assert found["Post-OutCV"] == (0, 1)


def test_a_corrected_report_counts_on_the_day_of_the_correction(region: Region) -> None:
    result = released(region)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        amend_result(
            Result.objects.get(pk=result.pk), "6.6", reason="dilution slip", by=doctor, at=timezone.now()
        )
    react(region)
    found = count(region, day=region.hub.day_of(timezone.now()))
    assert found["Post-RectRep"] == (1, 2)
    with acting(region.worker):
        (case,) = IndicatorCase.objects.filter(code="Post-RectRep")
    assert (case.order_id, case.label) == (result.order_id, "2")


def test_a_report_is_late_when_it_comes_after_what_its_tests_promise(region: Region) -> None:
    released(region)
    today = region.hub.day_of(timezone.now())  # reports go out by the real clock
    found = count(region, day=today)
    assert found["Post-OutTime"][1] == 1
    with acting(region.worker):
        Specimen.objects.update(accepted_at=timezone.now())
    assert count(region, day=today)["Post-OutTime"] == (0, 1)
    with acting(region.worker):
        Specimen.objects.update(accepted_at=timezone.now() - timedelta(days=3))
    assert count(region, day=today)["Post-OutTime"] == (1, 1)


def test_times_are_told_by_leg_and_the_slowest_tubes_by_name(region: Region) -> None:
    result = released(region)
    today = region.hub.day_of(timezone.now())
    count(region, day=today)
    month = today.replace(day=1)
    until = (month + timedelta(days=32)).replace(day=1)
    with acting(region.worker):
        found = spreads_of(region.hub.pk, since=month, until=until)
        assert found["collect"].minutes[1] == pytest.approx(70, rel=0.123)
        assert found["accept"].n == 1
        assert found["measure"].minutes[1] == pytest.approx(30, rel=0.123)
        assert "pick_up" not in found, "nobody carried it"
        (slow,) = cases_of(region.hub.pk, "time:collect", since=month, until=until)
        by_site = spreads_by_site(region.hub.pk, "collect", since=month, until=until)
        by_month = spreads_by_month(region.hub.pk, "collect", since=month, until=until)
    assert (slow.tubes, slow.minutes) == (result.specimen.number, 70)
    assert by_site[region.clinic.pk] == by_month[month] == found["collect"]


def test_an_urgent_potassium_has_a_time_of_its_own(region: Region) -> None:
    tube = make_accepted(region, "K", urgency="S")
    make_result(region, tube, "K", "4.4")
    with acting(region.worker):
        autoverify_batch(limit=100, by=region.worker, at=NOW + timedelta(minutes=20))
    react(region)
    today = region.hub.day_of(timezone.now())
    count(region, day=today)
    with acting(region.worker):
        month: dict[str, Any] = {"since": today.replace(day=1), "until": today + timedelta(days=1)}
        urgent = spreads_of(region.hub.pk, urgency="S", **month)
        routine = spreads_of(region.hub.pk, urgency="R", **month)
    assert urgent["test:K"].minutes[1] == pytest.approx(50, rel=0.123)
    assert "test:K" not in routine


def test_what_travels_late_or_never_comes(region: Region) -> None:
    came, lost = make_specimen(region, "K"), make_specimen(region, "K")
    box = carried_box(region, came, lost)
    react(region)
    technologist = one_with(region, "technologist", region.hub)
    assert box.due_at is not None
    arrived = box.due_at + timedelta(minutes=31)
    with acting(technologist):
        receive_box(box, by=technologist, at=arrived)
        scan_arrival(box, came.number, site=region.hub, by=technologist, at=arrived)
        finish_reception(box, by=technologist, at=arrived)
        accept_specimens([came.number], site=region.hub, by=technologist, at=arrived)
    found = count(region)
    assert found["Own-TransLate"] == (1, 1)
    assert found["Pre-NotRec"] == (1, 2)
    assert found["Pre-MisS"] == (0, 1)
    with acting(region.worker):
        (case,) = cases_of(region.hub.pk, "Pre-NotRec", since=MONTH, until=NEXT)
    assert case.tubes == lost.number


def everything(region: Region) -> None:
    tubes = [make_accepted(region, "WBC", site=site) for site in (region.clinic, region.other_clinic) * 2]
    reject(region, tubes[0], "CLOT")
    reject(region, tubes[1], "MISID")
    called(region)
    released(region)


def test_counting_again_gives_the_same(region: Region) -> None:
    everything(region)
    count(region)
    count(region, day=region.hub.day_of(timezone.now()))
    before = facts(region)
    assert all(before), "each kind of fact is there"
    count(region)
    count(region, day=region.hub.day_of(timezone.now()))
    assert facts(region) == before


def test_every_figure_is_as_large_as_its_list(region: Region) -> None:
    everything(region)
    count(region, at=NOW + 3 * HOUR)
    with acting(region.worker):
        found = figures_by_month(region.hub.pk, since=MONTH, until=NEXT)
        lists = {one.code: cases_of(region.hub.pk, one.code, since=MONTH, until=NEXT) for one in found}
        sites = {one.code: figures_by_site(region.hub.pk, one.code, since=MONTH, until=NEXT) for one in found}
    counted = {one.code: one.figure.numerator for one in found}
    assert counted == {code: len(cases) for code, cases in lists.items()}
    assert counted == {code: sum(one.figure.numerator for one in rows) for code, rows in sites.items()}
    assert counted["Pre-Clot"] == counted["Pre-MisS"] == counted["Post-OutCV"] == 1


def test_the_worst_site_comes_first_and_a_site_has_its_own_list(region: Region) -> None:
    tubes = [make_accepted(region, "WBC", site=site) for site in (region.clinic, region.other_clinic)]
    reject(region, tubes[1], "CLOT")
    count(region)
    with acting(region.worker):
        rows = figures_by_site(region.hub.pk, "Pre-Clot", since=MONTH, until=NEXT)
        assert [one.site_id for one in rows] == [region.other_clinic.pk, region.clinic.pk]
        own = {
            one.site_id: cases_of(region.hub.pk, "Pre-Clot", since=MONTH, until=NEXT, site_id=one.site_id)
            for one in rows
        }
    assert [len(cases) for cases in own.values()] == [1, 0]
    assert own[region.other_clinic.pk][0].tubes == tubes[1].number


def test_the_worker_counts_only_days_that_changed(region: Region) -> None:
    tube = make_accepted(region, "WBC")
    assert work(region, NOW + HOUR) >= 1
    with acting(region.worker):
        assert standing_of(region.hub.pk).at == NOW + HOUR
        assert not IndicatorDue.objects.exists()
    reject(region, tube, "CLOT")
    assert work(region, NOW + 30 * HOUR) >= 1
    with acting(region.worker):
        (found,) = [
            one for one in figures_by_month(region.hub.pk, since=MONTH, until=NEXT) if one.code == "Pre-Clot"
        ]
    assert (found.figure.numerator, found.figure.denominator) == (1, 1)


def test_a_day_that_may_lie_in_files_stays_as_it_was_counted(region: Region) -> None:
    make_accepted(region, "WBC")
    work(region, NOW + timedelta(days=600))
    with acting(region.worker):
        assert figures_by_month(region.hub.pk, since=MONTH, until=NEXT) == []


def test_who_may_not_read_indicators_does_not_count_them(region: Region) -> None:
    nurse = one_with(region, "nurse")
    with acting(nurse), pytest.raises(Forbidden):
        count_day(region.hub, DAY, by=nurse, at=NOW)


def test_a_laboratory_does_not_see_the_figures_of_another(region: Region) -> None:
    make_accepted(region, "WBC")
    count(region)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        assert figures_by_month(region.hub.pk, since=MONTH, until=NEXT) == []

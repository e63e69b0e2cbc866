"""The weeks before are lived by the real actions: a day from order to report, and what a visitor of quality finds."""

from datetime import timedelta

import pytest

from aliquot.entrypoints.demonstration.analyzers import OFF
from aliquot.entrypoints.demonstration.controls import MEASURED
from aliquot.entrypoints.demonstration.installation import install
from aliquot.entrypoints.demonstration.life import live
from aliquot.entrypoints.demonstration.past import CLINICS, CONTROLS, PATIENTS, _midnight, _past, is_lived
from aliquot.entrypoints.demonstration.showing import (
    count_figures,
    drifted,
    enter_risks,
    finish_study,
    work_nonconformity,
)
from aliquot.flow.orders.models import Order
from aliquot.flow.quality.models import ControlResult, ReleaseState
from aliquot.flow.reports.models import Report
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from aliquot.oversight.comparability.models import PatientMedian
from aliquot.oversight.insight.models import IndicatorDay
from tests.factories import NOW
from tests.regions import Region, one_with

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
DAYS, MORNINGS = 2, 12
"""Whole days, and days of controls alone before them."""


def test_days_are_lived_at_their_own_time_and_quality_is_alive(region: Region) -> None:
    install(at=NOW)
    assert not is_lived(NOW)
    people = live("http://localhost", 7, rack=lambda _numbers: None, control=lambda _code: None)
    past, today = _past(people, region.worker, NOW), _midnight(NOW)
    for days_ago in range(DAYS + MORNINGS, DAYS, -1):
        morning = today - timedelta(days=days_ago) + CONTROLS
        with acting(region.worker):
            past._file(list(past._controls(morning)), at=morning)
    for days_ago in range(DAYS, 0, -1):
        past.live_day(today - timedelta(days=days_ago), days_ago)
    first = today - timedelta(days=DAYS)
    with acting(region.worker):
        orders = Order.objects.all()
        assert orders.count() == DAYS * CLINICS * PATIENTS
        assert all(first <= one.placed_at < today for one in orders)
        results = Result.objects.filter(analyzer__isnull=False)
        assert set(results.values_list("test__code", flat=True)) == MEASURED
        assert all(one.recorded_at < today for one in results)
        released = results.filter(state="released")
        assert released.filter(is_automatic=True).count() > 0.8 * results.count()
        assert Report.objects.filter(released_at__lt=today).exists()
        assert ControlResult.objects.filter(measured_at__lt=today).exists()
        stands = ReleaseState.objects.filter(until=None, analyzer__code="C311", test__code="K").get()
        assert stands.qc_state == "in_control"

    technologist = one_with(region, "technologist", region.hub)
    doctor, quality = one_with(region, "laboratory_doctor"), one_with(region, "quality_manager")
    study = finish_study(first - timedelta(days=MORNINGS), technologist, doctor, at=NOW)
    assert study.state == "signed"
    assert work_nonconformity(region.hub, technologist, quality, at=today).state == "acting"
    assert {one.state for one in enter_risks(region.hub, quality, at=NOW)} == {"open"}
    count_figures(region.hub, region.worker, at=NOW)
    with acting(region.worker):
        assert IndicatorDay.objects.filter(denominator__gt=0).exists()
        assert PatientMedian.objects.exists()
    assert is_lived(NOW)


def test_one_analyzer_is_off_for_good_and_one_drifts_for_two_days() -> None:
    assert all(factor > 1 for factor in OFF.values())
    assert [drifted("C311", "NA", days) > 1 for days in (4, 3, 2, 1)] == [False, True, True, False]
    assert drifted("ATELLICA", "NA", 2) == 1

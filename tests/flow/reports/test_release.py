"""Reports in the database: composed in sets, versioned, rendered once, seen only by the two sides."""

from datetime import timedelta

import pytest

from aliquot.config.reactions import REACTIONS
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.reports.actions import note_seen, release_reports, render_document
from aliquot.flow.reports.models import Report, ReportDocument
from aliquot.flow.reports.queries import latest_report, reports_for, versions_of
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import claim_events
from tests.factories import NOW, make_order
from tests.flow.reports.released import amend, release
from tests.regions import Region, one_with


def test_a_report_holds_what_was_released_and_nothing_else(region: Region) -> None:
    order = make_order(region, "GLUS", "K")
    release(region, order, "GLUS", "5.40")
    release(region, order, "K", "9.9", state="held", released_at=None)
    OrderItem.objects.filter(order=order, test__code="K").update(state="open")
    assert release_reports([order.pk], by=region.worker, at=NOW) == 1
    report = Report.objects.get(order=order)
    results = {one["code"]: one for section in report.content["sections"] for one in section["results"]}
    assert report.kind == "preliminary"
    assert (results["GLUS"]["value"], results["GLUS"]["low"]) == ("5.40", "4.1")
    assert results["K"]["status"] == "pending"
    assert "9.9" not in str(report.content)


def test_the_same_event_twice_makes_one_version(region: Region) -> None:
    order = make_order(region, "GLUS")
    release(region, order, "GLUS")
    assert release_reports([order.pk], by=region.worker, at=NOW) == 1
    assert release_reports([order.pk, order.pk], by=region.worker, at=NOW + timedelta(hours=1)) == 0
    assert versions_of(order).count() == 1
    assert claim_events("report_released", limit=10) == [order.pk]


def test_an_amended_result_makes_a_corrected_version_and_the_first_stays(region: Region) -> None:
    order = make_order(region, "GLUS")
    first = release(region, order, "GLUS", "4.2")
    release_reports([order.pk], by=region.worker, at=NOW)
    amend(region, first, "7.7", "wrong position")
    release_reports([order.pk], by=region.worker, at=NOW + timedelta(hours=1))
    newest, oldest = versions_of(order)
    assert (newest.version, newest.kind, oldest.version, oldest.kind) == (2, "corrected", 1, "final")
    assert latest_report(order) == newest
    [result] = newest.content["sections"][0]["results"]
    assert (result["value"], [one["value"] for one in result["earlier"]]) == ("7.7", ["4.2"])
    assert oldest.content["sections"][0]["results"][0]["value"] == "4.2"


def test_many_orders_are_reported_together(region: Region) -> None:
    orders = [make_order(region, "GLUS") for _ in range(5)]
    for order in orders:
        release(region, order, "GLUS")
    assert release_reports([order.pk for order in orders], by=region.worker, at=NOW) == 5
    assert Report.objects.filter(order__in=orders).count() == 5


def test_a_document_is_rendered_once_and_kept(region: Region) -> None:
    order = make_order(region, "GLUS")
    release(region, order, "GLUS")
    release_reports([order.pk], by=region.worker, at=NOW)
    report = Report.objects.get(order=order)
    physician = one_with(region, "nurse", region.clinic)
    with acting(physician):
        first = render_document(report, "ru")
        report.content["order"]["number"] = "changed in memory"
        assert render_document(report, "ru") == first
        assert first.startswith(b"%PDF")
    assert ReportDocument.objects.filter(report=report).count() == 1
    with pytest.raises(Refused):
        render_document(report, "fr")


def test_another_clinic_sees_no_report(region: Region) -> None:
    order = make_order(region, "GLUS")
    release(region, order, "GLUS")
    release_reports([order.pk], by=region.worker, at=NOW)
    with acting(one_with(region, "nurse", region.other_clinic)):
        assert Report.objects.count() == 0
    with acting(one_with(region, "nurse", region.clinic)):
        assert [one.order_id for one in reports_for(region.clinic.pk)] == [order.pk]


def test_the_first_who_saw_a_report_stays_named(region: Region) -> None:
    order = make_order(region, "GLUS")
    release(region, order, "GLUS")
    release_reports([order.pk], by=region.worker, at=NOW)
    report = Report.objects.get(order=order)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        assert reports_for(region.clinic.pk, only_unseen=True).count() == 1
        note_seen(report, by=nurse, at=NOW)
        note_seen(report, by=nurse, at=NOW + timedelta(days=1))
        assert reports_for(region.clinic.pk, only_unseen=True).count() == 0
    assert (report.seen_at, report.seen_by) == (NOW, nurse.key)


def test_completed_and_amended_orders_start_the_report() -> None:
    assert {"order_completed", "result_amended"} <= set(REACTIONS)

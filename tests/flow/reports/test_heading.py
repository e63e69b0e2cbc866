"""A report carries the heading of who operated when it was released, and keeps it, also when printed again."""

from datetime import timedelta

import pypdfium2
import pytest

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.actions import release_reports, render_document
from aliquot.flow.reports.models import Report, ReportDocument
from aliquot.flow.reports.queries import latest_report, versions_of
from aliquot.foundation.context import acting
from tests.factories import NOW, make_order
from tests.flow.reports.released import release
from tests.regions import Region, one_with
from tests.registers.network.operators import make_operator, operate

CHANGE = NOW + timedelta(hours=1)
BEFORE = CHANGE - timedelta(microseconds=1)
OLD, NEW = "Regional laboratory service (demonstration)", "NEW-LAB Ltd"


def words_of(document: bytes) -> str:
    return " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(document))


@pytest.fixture
def half_reported(region: Region) -> Order:
    """An order of which one test was reported just before the operator of the hub changes."""
    order = make_order(region, "GLUS", "K")
    operate(region.hub, make_operator(), CHANGE)
    release(region, order, "GLUS")
    with acting(region.worker):
        assert release_reports([order.pk], by=region.worker, at=BEFORE) == 1
    return order


def reported_after(region: Region, order: Order) -> Report:
    """The next version, of the moment itself."""
    release(region, order, "K", "4.4")
    with acting(region.worker):
        assert release_reports([order.pk], by=region.worker, at=CHANGE) == 1
        report = latest_report(order)
        assert report is not None
        return report


def test_the_heading_changes_at_the_moment_and_not_before(region: Region, half_reported: Order) -> None:
    after = reported_after(region, half_reported)
    with acting(one_with(region, "nurse", region.clinic)):
        before = versions_of(half_reported).get(version=1)
        old, new = (words_of(render_document(one, "en")) for one in (before, after))
    assert (OLD in old, NEW in old) == (True, False)
    assert (OLD in new, NEW in new) == (False, True)


def test_a_report_of_before_is_the_same_bytes_afterwards(region: Region, half_reported: Order) -> None:
    with acting(region.worker):
        first = versions_of(half_reported).get(version=1)
        english = render_document(first, "en")
    reported_after(region, half_reported)
    with acting(one_with(region, "nurse", region.clinic)):
        again = versions_of(half_reported).get(version=1)
        assert render_document(again, "en") == english
        russian = words_of(render_document(again, "ru"))  # printed for the first time only now
    assert "Региональная лабораторная служба" in russian
    assert "ООО NEW-LAB" not in russian
    with acting(region.worker):
        assert ReportDocument.objects.filter(report=again).count() == 2


def test_numbers_and_oids_stay_whoever_operates(region: Region, half_reported: Order) -> None:
    after = reported_after(region, half_reported)
    with acting(region.worker):
        before = versions_of(half_reported).get(version=1)
    same = ("id", "code", "oid", "organisation_id", "organisation_oid", "name_en", "time_zone")
    sides = [{name: one.content["laboratory"][name] for name in same} for one in (before, after)]
    assert sides[0] == sides[1]
    assert before.content["order"]["number"] == after.content["order"]["number"]
    assert before.content["specimens"] == after.content["specimens"]


def test_another_operator_alone_makes_no_new_version(region: Region, half_reported: Order) -> None:
    with acting(region.worker):
        assert release_reports([half_reported.pk], by=region.worker, at=CHANGE + timedelta(days=1)) == 0
        assert versions_of(half_reported).count() == 1

"""What people list and type says between which months it looks, or has an index: it does not grow with the history."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.queries import notices_settled
from aliquot.flow.results.actions import enter_result
from aliquot.flow.results.queries import added_items
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_decided
from tests.flow.results.test_adding import added
from tests.regions import Region, one_with

DAY = timedelta(days=1)


def counted(captured: CaptureQueriesContext) -> str:
    """The statement that counts runs."""
    (found,) = [one["sql"] for one in captured if 'FROM "result"' in one["sql"] and "COUNT" in one["sql"]]
    return found


def plan_of(rows: QuerySet[Any]) -> str:
    """How the application's role would run it, were the tables large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    return rows.explain()


def test_a_value_that_is_typed_counts_its_runs_in_the_months_of_its_order(region: Region) -> None:
    item = make_accepted(region, "GLUS").order.items.get()
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist), CaptureQueriesContext(connection) as captured:
        assert enter_result(item, "5.4", by=technologist, at=NOW).run == 1
    assert '"result"."id" >=' in counted(captured)
    assert '"result"."id" <' in counted(captured)


def test_charges_are_of_a_span_and_count_runs_in_its_months(region: Region) -> None:
    tube = make_accepted(region, "K")
    added(region, tube, "CREA")
    make_decided(region, tube, "CREA", "70")
    with acting(region.worker):
        placed = tube.order.placed_at
        assert added_items(region.hub.pk, since=placed + DAY, until=placed + 2 * DAY) == []
        with CaptureQueriesContext(connection) as captured:
            (found,) = added_items(region.hub.pk, since=placed, until=placed + DAY)
        orders = Order.objects.filter(laboratory_id=region.hub.pk, placed_at__gte=placed).order_by(
            "-placed_at"
        )
        assert "lab_order_laboratory" in plan_of(orders)
    assert (found.item.test.code, found.runs) == ("CREA", 1)
    assert '"result"."id" >=' in counted(captured)


def test_the_notices_that_were_settled_come_from_their_index_in_order(region: Region) -> None:
    with acting(region.worker):
        shown = plan_of(notices_settled(region.hub.pk).prefetch_related(None))
    assert "report_notice_settled" in shown
    assert "Sort" not in shown

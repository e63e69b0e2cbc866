"""Released results put straight into the tables: what the report reads, without the path of deciding them."""

from decimal import Decimal
from typing import Any

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region


def release(region: Region, order: Order, code: str, value: str = "5.4", **changes: Any) -> Result:
    """A released result of one test of the order; the test becomes reported."""
    with acting(region.worker):
        item = OrderItem.objects.select_related("test").get(order=order, test__code=code)
        given: dict[str, Any] = {
            "value_text": value, "value": Decimal(value), "unit": item.test.unit, "flag": "N",
            "low": Decimal("4.1"), "high": Decimal("6.1"), "state": "released", "is_automatic": True,
            "recorded_at": NOW, "released_at": NOW, "released_by": "system:autoverification",
        }  # fmt: skip
        tube = order.specimens.order_by("id").first()
        assert tube is not None
        made = Result.objects.create(
            order_item=item, order=order, specimen=tube, patient_id=order.patient_id, test=item.test,
            ordering_site_id=order.ordering_site_id, laboratory_id=order.laboratory_id, **{**given, **changes},
        )  # fmt: skip
        OrderItem.objects.filter(pk=item.pk).update(state="reported")
    return made


def amend(region: Region, result: Result, value: str, reason: str) -> Result:
    """A new version in the place of a released result."""
    with acting(region.worker):
        Result.objects.filter(pk=result.pk).update(state="superseded")
    order = result.order
    return release(
        region,
        order,
        result.test.code,
        value,
        version=result.version + 1,
        supersedes=result,
        amend_reason=reason,
    )

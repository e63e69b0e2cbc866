"""Tests that a person adds to an order whose specimens are here, as laboratories do every day."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.models import Order
from aliquot.flow.orders.rules.panels import expand
from aliquot.flow.results.actions.deciding import follow_change
from aliquot.flow.results.models import AddOn
from aliquot.flow.specimens.actions import draw_added, serve_added
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.queries import all_panels, known_codes

SQL = Path(__file__).parent.parent / "sql"
ADDERS = frozenset({"place_order", "release_result"})
REASON_LIMIT = 300


def add_tests(
    order_id: int, codes: Sequence[str], *, reason: str = "", draw: bool = False, by: Actor, at: datetime
) -> AddOn:
    """What a person added (tests and panels by code), on tubes that are here, each charged once.

    What computed ones are worked out from comes with them. A completed order is open again. With `draw` new
    tubes are planned instead. Refused, saying why, when a code is unknown or ordered already, when no tube
    is fit (another kind, too little left, too old), for a cancelled order; and without a reason from anybody
    but the place that ordered. Source: ISO 15189:2022, 7.2.7.3 (additional examinations on a sample).
    """
    with transaction.atomic():
        order = _locked(order_id, by)
        why = _stated(order, reason, by)
        wanted = _wanted(order, codes)
        serve = draw_added if draw else serve_added
        serve(order, wanted, rule=by.key, is_billable=True, by=by, at=at)
        record_events("tests_added", [order.pk], at=at)
        return AddOn.objects.create(
            order=order,
            ordering_site_id=order.ordering_site_id,
            laboratory_id=order.laboratory_id,
            tests=wanted,
            asked_by=by.key,
            reason=why,
            state=AddOn.State.ADDED,
            asked_at=at,
            decided_at=at,
            decided_by=by.key,
        )


def compute_tests(order_ids: Iterable[int], *, at: datetime) -> None:
    """Compute the tests of these orders that were added after their inputs were released.

    Those whose inputs were cancelled or given up are given up with them, and may complete the order.
    """
    ids = sorted(set(order_ids))
    with transaction.atomic():
        sql_files.fetch_rows(SQL, "lock_orders", orders=ids)
        follow_change(ids, at=at)


def _locked(order_id: int, by: Actor) -> Order:
    if not any(by.may(one) for one in ADDERS):
        by.require("place_order")
    order = Order.objects.select_for_update().filter(pk=order_id).first()
    if order is None:
        raise Forbidden(_("This order is not visible here."))
    return order


def _stated(order: Order, reason: str, by: Actor) -> str:
    if not reason.strip() and order.ordering_site_id not in by.sites:
        sentence = _("Write who asked for it: it is kept with the order.")
        raise Refused(sentence, fields={"reason": sentence})
    return reason.strip()[:REASON_LIMIT]


def _wanted(order: Order, codes: Sequence[str]) -> list[str]:
    """The tests that are meant, none of which the order has."""
    expansion = expand(codes, all_panels(), known_codes())
    if expansion.unknown or not expansion.tests:
        raise Refused(
            _("The catalogue does not hold %(tests)s.") % {"tests": ", ".join(expansion.unknown) or "-"},
            fields={"codes": _("Remove the code or choose the test from the list.")},
        )
    asked = [one.code for one in expansion.tests]
    present = set(order.items.values_list("test__code", flat=True))
    lacking = [code for code in asked if code not in present]
    if not lacking:
        raise Refused(
            _("The order already has %(tests)s.") % {"tests": ", ".join(asked)},
            fields={"codes": _("Leave out what is already ordered.")},
        )
    return lacking

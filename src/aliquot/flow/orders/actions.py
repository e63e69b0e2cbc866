"""Place an order, cancel it or a part of it, complete it when nothing is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aliquot.flow.orders.models import Order, OrderItem, Urgency
from aliquot.flow.orders.rules.completeness import OrderFacts, Refusal, missing_facts
from aliquot.flow.orders.rules.panels import ExpandedTest, Expansion, expand, with_inputs
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.queries import (
    all_panels,
    inputs_of_computed,
    intervals_of,
    known_codes,
    tests_by_code,
)
from aliquot.registers.catalogue.rules.intervals import AGE_NOBODY_REACHES
from aliquot.registers.network.actions import next_numbers
from aliquot.registers.network.models import NumberRange, Site
from aliquot.registers.network.queries import laboratory_of, range_prefix
from aliquot.registers.network.rules.numbering import ORDER, lettered_number
from aliquot.registers.patients.actions import let_site_in
from aliquot.registers.patients.models import Patient
from aliquot.registers.patients.queries import hold_record

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is asked for: `codes` of tests and panels, for whom, by which physician."""

    patient_id: int
    codes: Sequence[str]
    requester: str
    urgency: str = Urgency.ROUTINE
    ward: str = ""
    diagnosis: str = ""
    is_pregnant: bool | None = None
    note: str = ""
    external_system: str = ""
    external_number: str = ""


def place_order(request: OrderRequest, *, site: Site, by: Actor, at: datetime) -> Order:
    """The order with an item for each test; an external number already seen gives back the earlier order.

    Refuses an unknown code and every missing fact, all at once, each under its field.
    """
    by.require("place_order")
    _require_site(by, site)
    if earlier := _earlier(request, site):
        return earlier
    patient = _patient(request)
    asked = expand(request.codes, all_panels(), known_codes())
    expansion = with_inputs(asked, inputs_of_computed())
    tests = tests_by_code(test.code for test in expansion.tests)
    _refuse_incomplete(request, patient, expansion, tests, site=site, at=at)
    try:
        with transaction.atomic():
            order = _create(request, patient, site, by, at)
    except IntegrityError:
        # the same external number came twice at once: the other one was first
        if earlier := _earlier(request, site):
            return earlier
        raise
    _add_items(order, expansion, tests)
    let_site_in(patient, order.laboratory, by=by, at=at)
    return order


def append_items(order: Order, codes: Iterable[str], *, rule: str, is_billable: bool) -> list[OrderItem]:
    """Tests that a rule or a person (`rule`: the key) adds to an order, and what these are computed from.

    A complete order is open again; what it has is left out. For actions whose caller holds the order and has
    the right. Refused for a cancelled order.
    """
    if order.state == Order.State.CANCELLED:
        raise Refused(_("The order is cancelled: nothing is added to it."))
    present = set(order.items.values_list("test__code", flat=True))
    asked = Expansion(tuple(ExpandedTest(code) for code in codes if code not in present))
    needed = {one.code: one.added_by for one in with_inputs(asked, inputs_of_computed(), present).tests}
    found = tests_by_code(needed)
    lacking = [found[code] for code in needed if code in found]
    reopened = Order.objects.filter(pk=order.pk, state=Order.State.COMPLETED)
    if lacking and reopened.update(state=Order.State.PLACED, completed_at=None):
        order.state, order.completed_at = Order.State.PLACED, None
    origins = {code: origin or rule for code, origin in needed.items()}
    return _append(order, lacking, origins, is_billable=is_billable)


def cancel_order(order: Order, *, reason: str, by: Actor, at: datetime) -> Order:
    """The order, cancelled with all its open tests; refused when any of it was already reported.

    What was drawn for it is withdrawn by specimens.actions.withdraw_order, which calls this.
    """
    by.require("cancel_order")
    _require_reason(reason)
    current = _locked(order)
    if current.items.filter(state=OrderItem.State.REPORTED).exists():
        raise Refused(
            _("Results of order %(number)s are released. Cancel the tests that are still open one by one.")
            % {"number": current.number}
        )
    return _cancel(current, current.items.filter(state=OrderItem.State.OPEN), reason, at)


def cancel_item(item: OrderItem, *, reason: str, by: Actor, at: datetime) -> Order:
    """The order of which this test was cancelled; a test that is no longer open is refused.

    Records "tests_given_up": what is computed from it follows.
    """
    by.require("cancel_order")
    _require_reason(reason)
    current = _locked(item.order)
    found = current.items.filter(pk=item.pk, state=OrderItem.State.OPEN)
    if not found.exists():
        raise Refused(
            _("%(test)s is already reported or closed and cannot be cancelled.") % {"test": item.test}
        )
    changed = _cancel(current, found, reason, at)
    record_events("tests_given_up", [current.pk], at=at)
    return changed


def hold_orders(order_ids: Iterable[int] | QuerySet[Any]) -> None:
    """Hold these orders until the transaction ends; `order_ids` may be a query of them.

    Whoever changes tests of orders, tubes or results holds their orders before all else, in this order of
    ids: so two people never wait for each other.
    """
    wanted = order_ids if isinstance(order_ids, QuerySet) else sorted(set(order_ids))
    held = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted)
    list(held.order_by("pk").values_list("pk"))


def close_items(item_ids: Iterable[int], *, reason: str, by: Actor, at: datetime) -> list[int]:  # noqa: ARG001 - as above
    """Give up open tests for which nothing will come; returns the ids of orders that this completed.

    Records "tests_given_up": what is computed from them follows.
    """
    _require_reason(reason)
    ids = list(item_ids)
    state_reason(reason.strip())
    changed = OrderItem.objects.filter(pk__in=ids, state=OrderItem.State.OPEN)
    orders = set(changed.values_list("order_id", flat=True))
    changed.update(state=OrderItem.State.NOT_PERFORMED, state_reason=reason.strip())
    record_events("tests_given_up", sorted(orders), at=at)
    return complete_orders(orders, reason=reason, at=at)


def complete_orders(order_ids: Iterable[int], *, at: datetime, reason: str = "") -> list[int]:
    """Complete the orders of which no test is open; returns their ids and records "order_completed" for each.

    An order of which every test was cancelled becomes cancelled instead, and no event is recorded.
    """
    ids = sorted(set(order_ids))
    if not ids:
        return []
    closed = sql_files.fetch_rows(SQL, "complete_orders", orders=ids, at=at, reason=reason.strip())
    completed = sorted(order for order, state in closed if state == Order.State.COMPLETED)
    record_events("order_completed", completed, at=at)
    return completed


def reopen_items(item_ids: Iterable[int]) -> None:
    """Open tests again whose released value was taken back, and their orders; the caller holds them."""
    sql_files.execute(SQL, "reopen_items", items=sorted(set(item_ids)))


def give_up_items(
    item_ids: Iterable[int],
    order_ids: Iterable[int],
    *,
    reason: str,
    at: datetime,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Say that these tests will have no value, and why; the caller holds their orders, maybe complete now.

    `facts` are the reason as `rules.not_computed` says it in other languages.
    """
    said = orjson.dumps(dict(facts)).decode()
    sql_files.execute(SQL, "give_up_items", items=sorted(set(item_ids)), reason=reason, facts=said)
    complete_orders(order_ids, at=at)


def _require_site(by: Actor, site: Site) -> None:
    if site.pk not in by.sites:
        raise Forbidden(_("%(name)s does not work at %(site)s.") % {"name": by.name, "site": site})


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Say why."), fields={"reason": _("Write a reason; it is kept with the order.")})


def _earlier(request: OrderRequest, site: Site) -> Order | None:
    if not request.external_number:
        return None
    return Order.objects.filter(
        ordering_site=site,
        external_system=request.external_system,
        external_number=request.external_number,
    ).first()


def _patient(request: OrderRequest) -> Patient:
    found = hold_record(request.patient_id)
    if found is None:
        raise Refused(
            _("The patient is not known here."),
            fields={"patient": _("Search again, claim the patient by number and birth date, or register.")},
        )
    return found


def _refuse_incomplete(
    request: OrderRequest,
    patient: Patient,
    expansion: Expansion,
    tests: dict[str, Test],
    *,
    site: Site,
    at: datetime,
) -> None:
    if expansion.circular:
        raise Refused(
            _("The panel %(panels)s contains itself. Correct the catalogue.")
            % {"panels": ", ".join(expansion.circular)}
        )
    lacking = missing_facts(_facts(request, patient, expansion, tests, site=site, at=at))
    if lacking:
        fields = {one.field: _words(one) for one in lacking}
        raise Refused(" ".join(_words(one) for one in lacking), fields=fields)


def _words(refusal: Refusal) -> str:
    values = dict(refusal.values)
    return f"{_(refusal.reason) % values} {_(refusal.remedy) % values}"


def _facts(
    request: OrderRequest,
    patient: Patient,
    expansion: Expansion,
    tests: dict[str, Test],
    *,
    site: Site,
    at: datetime,
) -> OrderFacts:
    codes = {test.pk: code for code, test in tests.items()}
    intervals = intervals_of(codes)
    by_sex = [codes[key] for key, found in intervals.items() if any(one.sex for one in found)]
    by_age = [
        codes[key]
        for key, found in intervals.items()
        if any(one.age_from_days > 0 or one.age_to_days < AGE_NOBODY_REACHES for one in found)
    ]
    return OrderFacts(
        family_name=patient.family_name,
        given_name=patient.given_name,
        is_unidentified=patient.is_unidentified,
        birth_date=patient.birth_date,
        sex=patient.sex,
        requester=request.requester,
        site=site.code,
        urgency=request.urgency,
        tests=tuple(test.code for test in expansion.tests),
        unknown_tests=expansion.unknown,
        need_sex=tuple(by_sex),
        need_age=tuple(by_age),
        ordered_on=site.day_of(at),
    )


def _append(
    order: Order, tests: Iterable[Test], origins: Mapping[str, str], *, is_billable: bool
) -> list[OrderItem]:
    rows = []
    for place, test in enumerate(tests, start=order.items.count() + 1):
        item = _item(order, test, place, "")
        item.added_by, item.is_billable = origins[test.code], is_billable
        rows.append(item)
    return OrderItem.objects.bulk_create(rows)


def _create(request: OrderRequest, patient: Patient, site: Site, by: Actor, at: datetime) -> Order:
    running = next_numbers(site, NumberRange.Kind.ORDER, 1)[0]
    return Order.objects.create(
        number=lettered_number(ORDER, range_prefix(site, NumberRange.Kind.ORDER), running),
        patient=patient,
        urgency=request.urgency,
        requester=request.requester.strip(),
        ward=request.ward.strip(),
        diagnosis=request.diagnosis.strip(),
        is_pregnant=request.is_pregnant,
        note=request.note.strip(),
        external_system=request.external_system,
        external_number=request.external_number,
        placed_at=at,
        placed_by=by.key,
        ordering_site=site,
        laboratory=laboratory_of(site),
    )


def _add_items(order: Order, expansion: Expansion, tests: dict[str, Test]) -> None:
    OrderItem.objects.bulk_create(
        _item(order, tests[one.code], place, one.panels[0] if one.panels else "", one.added_by)
        for place, one in enumerate(expansion.tests, start=1)
    )


def _item(order: Order, test: Test, position: int, panel: str, added_by: str = "") -> OrderItem:
    return OrderItem(
        order=order,
        test=test,
        panel=panel,
        position=position,
        added_by=added_by,
        ordering_site_id=order.ordering_site_id,
        laboratory_id=order.laboratory_id,
    )


def _locked(order: Order) -> Order:
    current = Order.objects.select_for_update().filter(pk=order.pk).first()
    if current is None:
        raise Forbidden(_("This order is not visible here."))
    if current.state != Order.State.PLACED:
        raise Refused(
            _("Order %(number)s is %(state)s and cannot be changed any more.")
            % {"number": current.number, "state": current.get_state_display()}
        )
    return current


def _cancel(order: Order, items: QuerySet[OrderItem], reason: str, at: datetime) -> Order:
    state_reason(reason.strip())
    items.update(state=OrderItem.State.CANCELLED, state_reason=reason.strip())
    complete_orders([order.pk], reason=reason, at=at)
    order.refresh_from_db()
    return order

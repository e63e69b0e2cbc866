"""From an order to its tubes; from tubes to their withdrawal."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import (
    OrderRequest,
    append_items,
    cancel_item,
    cancel_order,
    place_order,
)
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.actions.steps import record_steps
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.queries import containers_by_code, need_of, tubes_at_intake
from aliquot.flow.specimens.rules.acceptance import Outcome
from aliquot.flow.specimens.rules.intake import TubeFacts, judge_tests
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.flow.specimens.rules.tubes import PlannedTube, tubes_for
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.models import Container, SpecimenType, Test
from aliquot.registers.network.actions import next_numbers
from aliquot.registers.network.models import NumberRange, Site
from aliquot.registers.network.queries import range_prefix


def order_tests(request: OrderRequest, *, site: Site, by: Actor, at: datetime) -> Order:
    """The order with its tubes planned, in one transaction; the earlier order for a number already seen."""
    with transaction.atomic():
        order = place_order(request, site=site, by=by, at=at)
        if not order.specimens.exists():
            plan_specimens(order, by=by, at=at)
        return order


def plan_specimens(
    order: Order, *, items: Iterable[OrderItem] | None = None, by: Actor, at: datetime
) -> list[Specimen]:
    """The tubes for the open tests of an order, or for `items` alone, in the order of draw.

    Numbered from the site's range; a calculated test takes no tube. Refuses when the catalogue cannot hold a
    test in its container.
    """
    by_code = {item.test.code: item for item in (_open_items(order) if items is None else items)}
    try:
        planned = tubes_for([need_of(item.test) for item in by_code.values()], containers_by_code())
    except ValueError as fault:
        raise Refused(_("The tubes cannot be planned. %(fault)s") % {"fault": fault}) from fault
    specimens = _create(order, planned)
    SpecimenTest.objects.bulk_create(
        serving(specimen, by_code[code])
        for specimen, tube in zip(specimens, planned, strict=True)
        for code in tube.tests
    )
    record_steps("planned", [one.pk for one in specimens], site_id=order.ordering_site_id, by=by, at=at)
    return specimens


def withdraw_order(order: Order, *, reason: str, by: Actor, at: datetime) -> Order:
    """The order, cancelled with its tubes; refused when a test of it is already measured."""
    with transaction.atomic():
        _refuse_measured(order.items.all())
        cancelled = cancel_order(order, reason=reason, by=by, at=at)
        _withdraw_tests(order, by=by, at=at)
        return cancelled


def withdraw_item(item: OrderItem, *, reason: str, by: Actor, at: datetime) -> Order:
    """The order without this test; a tube that serves nothing now is withdrawn. Refused when measured."""
    with transaction.atomic():
        _refuse_measured([item])
        order = cancel_item(item, reason=reason, by=by, at=at)
        _withdraw_tests(order, by=by, at=at)
        return order


def serve_added(
    order: Order, codes: Sequence[str], *, rule: str, is_billable: bool, by: Actor, at: datetime
) -> list[OrderItem]:
    """Tests that a rule or a person adds, each on an accepted tube that is fit; a computed one on none.

    For actions whose caller holds the order and has the right. Refused, saying why, when a test has no tube:
    another kind, too little left, too old.
    """
    items = append_items(order, codes, rule=rule, is_billable=is_billable)
    tubes = list(
        order.specimens.filter(state=Specimen.State.ACCEPTED).select_related("container").order_by("-pk")
    )
    for item in items:
        if item.test.volume_ul:
            _serve(item, tubes, by=by, at=at)
    return items


def draw_added(
    order: Order, codes: Sequence[str], *, rule: str, is_billable: bool, by: Actor, at: datetime
) -> list[Specimen]:
    """Tests that a rule or a person adds, with new tubes planned for them at the place that ordered.

    For actions whose caller holds the order and has the right.
    """
    items = append_items(order, codes, rule=rule, is_billable=is_billable)
    return plan_specimens(order, items=items, by=by, at=at)


def _serve(item: OrderItem, tubes: Sequence[Specimen], *, by: Actor, at: datetime) -> None:
    """Put the test on the first tube that is fit; Refused with the words of the last that is not."""
    said: Refused | None = None
    for tube in tubes:
        try:
            with transaction.atomic():
                _put_on(tube, [item], by=by, at=at)
        except Refused as refusal:
            said = refusal
        else:
            return
    raise said or Refused(_("No tube of this order is accepted any more. Order a new tube for them."))


def _put_on(specimen: Specimen, items: Sequence[OrderItem], *, by: Actor, at: datetime) -> list[int]:
    """The tests on this accepted tube, if it is fit for them; ids of what it serves now."""
    tests = {item.test.code: item.test for item in items}
    _refuse_unfit(specimen, tests)
    added = SpecimenTest.objects.bulk_create(serving(specimen, item) for item in items)
    _refuse_unstable(specimen, list(tests), at)
    ids = [one.pk for one in added]
    SpecimenTest.objects.filter(pk__in=ids).update(state=SpecimenTest.State.ACCEPTED)
    details = {specimen.pk: {"tests": list(tests)}}
    record_steps(
        "tests_added", [specimen.pk], site_id=specimen.custody_site_id, by=by, at=at, details=details
    )
    record_events("tests_to_measure_changed", [specimen.pk], at=at)
    return ids


def _open_items(order: Order) -> Iterable[OrderItem]:
    return order.items.filter(state=OrderItem.State.OPEN).select_related(
        "test__container", "test__specimen_type"
    )


def _create(order: Order, planned: Sequence[PlannedTube]) -> list[Specimen]:
    containers = dict(Container.objects.values_list("code", "pk"))
    types = dict(SpecimenType.objects.values_list("code", "pk"))
    numbers = take_numbers(order.ordering_site, len(planned))
    return Specimen.objects.bulk_create(
        Specimen(
            number=number,
            order=order,
            container_id=containers[tube.container],
            specimen_type_id=types[tube.specimen_type],
            volume_ul=tube.volume_ul,
            is_centrifuged=tube.is_centrifuged,
            custody_site_id=order.ordering_site_id,
            ordering_site_id=order.ordering_site_id,
            laboratory_id=order.laboratory_id,
        )
        for number, tube in zip(numbers, planned, strict=True)
    )


def take_numbers(site: Site, count: int) -> list[str]:
    """The next bar codes of a site's range."""
    prefix = range_prefix(site, NumberRange.Kind.SPECIMEN)
    return [specimen_number(prefix, one) for one in next_numbers(site, NumberRange.Kind.SPECIMEN, count)]


def serving(specimen: Specimen, item: OrderItem) -> SpecimenTest:
    """The test of an order as this tube is to serve it; not kept yet."""
    return SpecimenTest(
        specimen=specimen,
        order_item=item,
        test_id=item.test_id,
        ordering_site_id=specimen.ordering_site_id,
        laboratory_id=specimen.laboratory_id,
    )


def _refuse_measured(items: Iterable[OrderItem]) -> None:
    found = SpecimenTest.objects.filter(order_item__in=items, state=SpecimenTest.State.MEASURED)
    if codes := sorted(found.values_list("test__code", flat=True)):
        raise Refused(
            _("Already measured: %(tests)s. Ask the laboratory to refuse the result instead.")
            % {"tests": ", ".join(codes)}
        )


def _withdraw_tests(order: Order, *, by: Actor, at: datetime) -> None:
    live = [SpecimenTest.State.PENDING, SpecimenTest.State.HELD, SpecimenTest.State.ACCEPTED]
    SpecimenTest.objects.filter(
        specimen__order=order, order_item__state=OrderItem.State.CANCELLED, state__in=live
    ).update(state=SpecimenTest.State.CANCELLED)
    idle = order.specimens.exclude(state=Specimen.State.CANCELLED).exclude(
        pk__in=SpecimenTest.objects.filter(specimen__order=order)
        .exclude(state="cancelled")
        .values("specimen_id")
    )
    ids = list(idle.values_list("pk", flat=True))
    Specimen.objects.filter(pk__in=ids).update(state=Specimen.State.CANCELLED)
    record_steps("cancelled", ids, site_id=by.site_id or order.ordering_site_id, by=by, at=at)
    taken_in = order.specimens.filter(accepted_at__isnull=False)
    record_events("tests_to_measure_changed", taken_in.values_list("pk", flat=True), at=at)


def _refuse_unfit(specimen: Specimen, tests: dict[str, Test]) -> None:
    served = list(specimen.tests.values_list("test__volume_ul", "test__handling"))
    kinds = {
        (specimen.container_id, specimen.specimen_type_id, handling)
        for handling in {handling for _volume, handling in served} or {""}
    }
    if wrong := sorted(code for code, one in tests.items() if _kind(one) not in kinds):
        raise Refused(
            _("Not to be done from this tube: %(tests)s. Order a new tube for them.")
            % {"tests": ", ".join(wrong)}
        )
    container = specimen.container
    usable = container.usable_spun_ul if specimen.is_centrifuged else container.usable_whole_ul
    taken = sum(volume for volume, _handling in served)
    if taken + sum(one.volume_ul for one in tests.values()) > usable:
        raise Refused(_("The tube does not hold enough for these tests. Order a new tube for them."))


def _kind(test: Test) -> tuple[int, int, str]:
    """Which tube a test is done from, and how that is kept apart."""
    return (test.container_id, test.specimen_type_id, test.handling)


def _refuse_unstable(specimen: Specimen, codes: Sequence[str], at: datetime) -> None:
    # judged after the rows exist, by the same statement and rule as at reception; a refusal undoes them
    tube: TubeFacts = next(iter(tubes_at_intake([specimen.number])))
    unfit = [one for one in judge_tests(tube, at) if one.test in codes and one.outcome is not Outcome.ACCEPT]
    if unfit:
        raise Refused(" ".join(reason.message for one in unfit for reason in one.reasons))

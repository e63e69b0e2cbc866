"""What rules and people added to orders, what waits for consent, what may still be added to which tube."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.models import AddOn, Result
from aliquot.flow.results.queries.months import months_of_orders
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.rules.acceptance import ConditionFacts, Lane, TestLimits, keeps_until
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.queries import tests_by_code

WAITING = (AddOn.State.PROPOSED, AddOn.State.REDRAW)


@dataclass(frozen=True, slots=True)
class Addable:
    """A test that can be done from a tube that is here, and until when."""

    test: Test
    tube: Specimen
    until: datetime


@dataclass(frozen=True, slots=True)
class AddedItem:
    """A test of an order that was added, and how many runs were measured for it: it is charged once."""

    item: OrderItem
    runs: int


def add_ons_of(order_id: int) -> list[AddOn]:
    """What rules added to this order or propose for it, the oldest first."""
    return [one for one in all_add_ons_of(order_id) if one.rule]


def all_add_ons_of(order_id: int) -> list[AddOn]:
    """What rules and people added to this order, and what rules propose for it, the oldest first."""
    return list(AddOn.objects.filter(order_id=order_id).order_by("id"))


def waiting_add_ons(site_id: int, *, limit: int = 200) -> QuerySet[AddOn]:
    """Proposals that nobody has decided, of a place as laboratory or as orderer, the oldest first."""
    found = AddOn.objects.filter(_of(site_id), state__in=WAITING)
    return found.select_related("order__patient", "ordering_site").order_by("asked_at", "id")[:limit]


def decided_add_ons(site_id: int, *, since: datetime, until: datetime, limit: int = 5000) -> QuerySet[AddOn]:
    """What was added or declined in a span of time, of a place as laboratory or as orderer, newest first."""
    found = AddOn.objects.filter(_of(site_id), asked_at__gte=since, asked_at__lt=until)
    found = found.exclude(state__in=WAITING).select_related("order__patient", "ordering_site")
    return found.order_by("-asked_at", "-id")[:limit]


def count_waiting_add_ons(site_id: int) -> int:
    """How many proposals wait for consent."""
    return AddOn.objects.filter(_of(site_id), state__in=WAITING).count()


def added_items(site_id: int, *, since: datetime, until: datetime) -> list[AddedItem]:
    """Every added test of the orders placed in a span, once, with its charge and how often it was measured.

    Of a place as laboratory or as orderer, by order. Source: ISO 15189:2022, 6.7 (agreements): a repeat that
    the laboratory needs is its own; whether an added test is charged, its rule says.
    """
    found = OrderItem.objects.filter(_of(site_id), order__placed_at__gte=since, order__placed_at__lt=until)
    rows = found.exclude(added_by="").select_related("order__ordering_site", "test")
    items = list(rows.order_by("order__placed_at", "order_id", "position"))
    if not items:
        return []
    orders = {one.order_id for one in items}
    months = months_of_orders(orders)
    runs = Result.objects.filter(
        order_id__in=orders,
        order_item_id__in=[one.pk for one in items],
        pk__gte=months.since,
        pk__lt=months.until,
    )
    counted = dict(runs.values_list("order_item_id").annotate(count=Count("run", distinct=True)))
    return [AddedItem(one, counted.get(one.pk, 0)) for one in items]


def addable_tests(order: Order, *, at: datetime) -> list[Addable]:
    """Every test that a tube of this order still serves, each with the tube that keeps longest.

    By container, kind of specimen, handling, what is left in the tube and stability; nothing where no figure
    is known. A computed test is no part of it.
    """
    tubes = _tubes([order.pk])
    present = set(order.items.values_list("test_id", flat=True))
    kinds = Q(pk__in=[])
    for tube in tubes:
        kinds |= Q(container_id=tube.container_id, specimen_type_id=tube.specimen_type_id)
    tests = Test.objects.filter(kinds, volume_ul__gt=0).exclude(pk__in=present).exclude(scale="Pnl")
    tests = tests.select_related("container")
    return _best(tubes, tests.order_by("section", "code"), at)


def kept_until(add_ons: Iterable[AddOn], *, at: datetime) -> dict[int, datetime | None]:
    """Until when the tubes that are here serve each proposal, by its id; None where none does now."""
    found = list(add_ons)
    tubes: dict[int, list[Specimen]] = {}
    for tube in _tubes([one.order_id for one in found]):
        tubes.setdefault(tube.order_id, []).append(tube)
    tests = tests_by_code({code for one in found for code in one.tests})
    return {one.pk: _served_until(one, tubes.get(one.order_id, []), tests, at) for one in found}


def _served_until(
    one: AddOn, tubes: list[Specimen], tests: Mapping[str, Test], at: datetime
) -> datetime | None:
    asked = [tests[code] for code in one.tests if code in tests and tests[code].volume_ul]
    fit = {found.test.pk: found.until for found in _best(tubes, asked, at)}
    return min(fit.values()) if asked and len(fit) == len(asked) else None


def _of(site_id: int) -> Q:
    return Q(laboratory_id=site_id) | Q(ordering_site_id=site_id)


def _tubes(order_ids: Iterable[int]) -> list[Specimen]:
    found = Specimen.objects.filter(order_id__in=list(order_ids), state=Specimen.State.ACCEPTED)
    related = found.select_related("container", "specimen_type").prefetch_related("tests__test")
    return list(related.order_by("-pk"))


def _best(tubes: Iterable[Specimen], tests: Iterable[Test], at: datetime) -> list[Addable]:
    found: dict[int, Addable] = {}
    wanted = list(tests)
    for tube in tubes:
        facts, left, handlings = _facts(tube, at), _left(tube), _handlings(tube)
        for test in wanted:
            if not _is_of_kind(test, tube, handlings) or test.volume_ul > left:
                continue
            until = keeps_until(facts, _limits(test))
            if until is not None and (test.pk not in found or until > found[test.pk].until):
                found[test.pk] = Addable(test, tube, until)
    return [found[test.pk] for test in wanted if test.pk in found]


def _is_of_kind(test: Test, tube: Specimen, handlings: set[str]) -> bool:
    kind = (test.container_id, test.specimen_type_id)
    return kind == (tube.container_id, tube.specimen_type_id) and test.handling in handlings


def _handlings(tube: Specimen) -> set[str]:
    return {one.test.handling for one in tube.tests.all()} or {""}


def _left(tube: Specimen) -> int:
    """What is left in the tube, in microlitres."""
    container = tube.container
    usable = container.usable_spun_ul if tube.is_centrifuged else container.usable_whole_ul
    return usable - sum(one.test.volume_ul for one in tube.tests.all())


def _facts(tube: Specimen, at: datetime) -> ConditionFacts:
    return ConditionFacts(
        container=tube.container.code,
        judged_at=at,
        tests=(),
        collected_at=tube.collected_at,
        spun_at=tube.spun_at,
        lane=Lane(tube.lane),
        observed=frozenset(tube.condition),
        is_irreplaceable=tube.specimen_type.is_hard_to_recollect,
    )


def _limits(test: Test) -> TestLimits:
    return TestLimits(
        code=test.code,
        container=test.container.code,
        volume_ul=test.volume_ul,
        needs_spinning=test.is_centrifuged,
        unspun_room_minutes=test.unspun_room_minutes,
        unspun_cold_minutes=test.unspun_cold_minutes,
        stable_room_minutes=test.stable_room_minutes,
        stable_cold_minutes=test.stable_cold_minutes,
        stable_frozen_minutes=test.stable_frozen_minutes,
        spoilt_by=frozenset(test.spoilt_by),
    )

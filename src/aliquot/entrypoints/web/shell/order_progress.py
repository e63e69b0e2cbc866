"""How far each test of an order has come, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.origins import Origin, origins_of
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.orders.queries import items_of
from aliquot.flow.orders.rules.not_computed import reason_words
from aliquot.flow.results.queries import all_add_ons_of
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.registers.catalogue.models import Test

State = tuple[str, Promise]
"""A badge's kind and its words."""

_OF_TUBE: Final[dict[str, State]] = {
    "planned": ("neutral", _("to be drawn")),
    "labelled": ("neutral", _("to be drawn")),
    "collected": ("accent", _("drawn")),
    "packed": ("accent", _("in a box")),
    "in_transit": ("accent", _("travelling")),
    "arrived": ("accent", _("at reception")),
    "accepted": ("accent", _("on the bench")),
    "missing": ("notice", _("tube missing")),
}
_OF_TEST: Final[dict[str, State]] = {
    "measured": ("accent", _("measured, being checked")),
    "rejected": ("notice", _("rejected, needs a new tube")),
}
_OF_ITEM: Final[dict[str, State]] = {
    "reported": ("good", _("reported")),
    "cancelled": ("neutral", _("withdrawn")),
    "not_performed": ("notice", _("not performed")),
}
_CALCULATED: Final[State] = ("neutral", _("calculated when the others are ready"))


@dataclass(frozen=True, slots=True)
class TestProgress:
    """One test of an order: where it is, in which tube, and why it stopped."""

    item: OrderItem
    test: Test
    kind: str
    words: str
    tube: Specimen | None
    reason: str
    advice: str
    origin: Origin | None = None

    @property
    def is_open(self) -> bool:
        return self.item.state == OrderItem.State.OPEN

    @property
    def is_rejected(self) -> bool:
        """Whether it waits for a new tube: its only tubes were rejected for it or went missing."""
        return self.is_open and self.kind == "notice"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Open tests that are at the same place in the same tube."""

    tube: Specimen | None
    kind: str
    words: str
    tests: tuple[str, ...]


def under_way(tests: Iterable[TestProgress]) -> list[UnderWay]:
    """The open tests by tube; one that waits for a new tube is not under way."""
    groups: dict[tuple[int | None, str], list[TestProgress]] = {}
    for one in tests:
        if one.is_open and not one.is_rejected:
            groups.setdefault((one.tube.pk if one.tube else None, one.words), []).append(one)
    return [
        UnderWay(found[0].tube, found[0].kind, found[0].words, tuple(each.test.name for each in found))
        for found in groups.values()
    ]


def progress_of(order: Order) -> list[TestProgress]:
    """Every test of the order in the order of the report, by the newest tube that serves it."""
    served = (
        SpecimenTest.objects.filter(order_item__order=order)
        .exclude(state=SpecimenTest.State.CANCELLED)
        .select_related("specimen__container", "rejection_reason")
        .order_by("id")
    )
    latest = {one.order_item_id: one for one in served}
    items = list(items_of(order))
    origins = origins_of(items, all_add_ons_of(order.pk)) if any(one.added_by for one in items) else {}
    return [_progress(item, latest.get(item.pk), origins.get(item.pk)) for item in items]


def _progress(item: OrderItem, served: SpecimenTest | None, origin: Origin | None) -> TestProgress:
    kind, words = _state(item, served)
    why = served.rejection_reason if served and served.state == SpecimenTest.State.REJECTED else None
    parts = [
        why.name if why else "",
        served.note if why and served else "",
        reason_words(item.state_reason, item.state_facts, gettext),
    ]
    return TestProgress(
        item=item,
        test=item.test,
        kind=kind,
        words=str(words),
        tube=served.specimen if served else None,
        reason=" · ".join(dict.fromkeys(part for part in parts if part)),
        advice=why.advice if why else "",
        origin=origin,
    )


def _state(item: OrderItem, served: SpecimenTest | None) -> State:
    if item.state in _OF_ITEM:
        return _OF_ITEM[item.state]
    if served is None:
        return _CALCULATED
    return _OF_TEST.get(served.state) or _OF_TUBE.get(served.specimen.state, ("neutral", _("under way")))

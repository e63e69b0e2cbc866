"""Tubes that did not serve: which tests wait for a new one, why, and what to do better."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.queries import rejected_tests
from aliquot.registers.network.models import Site


@dataclass(slots=True)
class Again:
    """A tube that did not serve: which tests wait for a new one, why, and what to do better."""

    specimen: Specimen
    order: Order
    tests: list[SpecimenTest] = field(default_factory=list)
    reason: str = ""
    advice: str = ""
    note: str = ""


def again_at(site: Site) -> list[Again]:
    """Tubes that did not serve, each with the reason and the advice to the clinic."""
    return _grouped(rejected_tests(site))


def again_of(order: Order) -> list[Again]:
    """The same for one order."""
    return _grouped(rejected_tests(order.ordering_site).filter(order_item__order=order))


def _grouped(rejected: Iterable[SpecimenTest]) -> list[Again]:
    found: dict[tuple[int, int | None], Again] = {}
    for one in rejected:
        key = (one.specimen_id, one.rejection_reason_id)
        again = found.setdefault(key, Again(one.specimen, one.order_item.order))
        again.tests.append(one)
        again.note = again.note or one.note
        if one.rejection_reason:
            again.reason, again.advice = one.rejection_reason.name, one.rejection_reason.advice
        else:
            again.reason = _("The tube went missing on its way")
            again.advice = _("Look for it once more; when it is not found, draw again.")
    return list(found.values())

"""Many tubes that did not serve, decided at once: all are drawn again, or nothing will come of any."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import close_items, hold_orders
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.specimens.actions.planning import serving, take_numbers
from aliquot.flow.specimens.actions.rejection import write_off
from aliquot.flow.specimens.actions.steps import record_steps
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.queries import lost_tests
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused


def redraw_specimens(numbers: Iterable[str], *, by: Actor, at: datetime) -> list[Specimen]:
    """A new tube for each of these, for the tests that it no longer serves; all or none, set-based.

    Refused, naming the tubes, when one of them has nothing that could be drawn again: a colleague was faster,
    or a person has to decide its tests first.
    """
    _require(by, "place_order")
    with transaction.atomic():
        lost = _locked(numbers)
        write_off([one.order_item for one in lost])
        old = {one.specimen_id: one.specimen for one in lost}
        new = dict(zip(old, _copies(list(old.values())), strict=True))
        SpecimenTest.objects.bulk_create([serving(new[one.specimen_id], one.order_item) for one in lost])
        _record(old, new, by=by, at=at)
        return list(new.values())


def give_up_specimens(numbers: Iterable[str], *, reason: str, by: Actor, at: datetime) -> list[int]:
    """Give up the tests that these tubes no longer serve; returns the ids of the orders that this completed.

    Refused as by `redraw_specimens`, and without a reason.
    """
    _require(by, "cancel_order")
    with transaction.atomic():
        items = [one.order_item for one in _locked(numbers)]
        write_off(items)
        return close_items([one.pk for one in items], reason=reason, by=by, at=at)


def _require(by: Actor, other: str) -> None:
    if not (by.may("reject_specimen") or by.may(other)):
        raise Forbidden(_("%(name)s may not decide about these tubes.") % {"name": by.name})


def _locked(numbers: Iterable[str]) -> Sequence[SpecimenTest]:
    wanted = {number.strip() for number in numbers} - {""}
    if not wanted:
        raise Refused(_("Mark at least one tube."))
    tubes = Specimen.objects.filter(number__in=wanted)
    hold_orders(tubes.values("order_id"))
    served = SpecimenTest.objects.filter(specimen__in=tubes).values("order_item_id")
    list(OrderItem.objects.select_for_update(of=("self",)).filter(pk__in=served).order_by("pk"))
    lost = list(lost_tests().filter(specimen__in=tubes))
    if idle := sorted(wanted - {one.specimen.number for one in lost}):
        raise Refused(
            _("Nothing of these tubes is left to draw again: %(numbers)s. Reload the list.")
            % {"numbers": ", ".join(idle)}
        )
    return lost


def _copies(old: Sequence[Specimen]) -> list[Specimen]:
    sites = {one.ordering_site_id: one.ordering_site for one in old}
    counts = {key: sum(one.ordering_site_id == key for one in old) for key in sites}
    numbers = {key: iter(take_numbers(site, counts[key])) for key, site in sites.items()}
    return Specimen.objects.bulk_create([_copy(one, next(numbers[one.ordering_site_id])) for one in old])


def _copy(old: Specimen, number: str) -> Specimen:
    return Specimen(
        number=number,
        order_id=old.order_id,
        container_id=old.container_id,
        specimen_type_id=old.specimen_type_id,
        volume_ul=old.volume_ul,
        is_centrifuged=old.is_centrifuged,
        custody_site_id=old.ordering_site_id,
        ordering_site_id=old.ordering_site_id,
        laboratory_id=old.laboratory_id,
        replaces=old,
    )


def _record(old: dict[int, Specimen], new: dict[int, Specimen], *, by: Actor, at: datetime) -> None:
    details = {new[key].pk: {"replaces": one.number} for key, one in old.items()}
    for site in sorted({one.ordering_site_id for one in new.values()}):
        ids = [one.pk for one in new.values() if one.ordering_site_id == site]
        record_steps("recollection_requested", ids, site_id=site, by=by, at=at, details=details)

"""Reject by test, never by tube; draw again, or say that nothing will come."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import close_items, hold_orders
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.specimens.actions.planning import take_numbers
from aliquot.flow.specimens.actions.steps import record_steps
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.queries import rejection_reasons

NOT_RECEIVED = "NOTREC"
_REJECTABLE = [SpecimenTest.State.PENDING, SpecimenTest.State.HELD, SpecimenTest.State.ACCEPTED]


def reject_tests(
    specimen: Specimen, test_codes: Sequence[str], reason_code: str, note: str, *, by: Actor, at: datetime
) -> list[SpecimenTest]:
    """The rejected tests of a tube; their order items stay open until they are drawn again or given up.

    A test already measured is refused by name: its result is refused instead.
    """
    by.require("reject_specimen")
    reason = rejection_reasons().get(reason_code)
    if reason is None:
        raise Refused(
            _("The reason %(code)s is not in the list.") % {"code": reason_code},
            fields={"reason_code": _("Choose a reason from the list.")},
        )
    with transaction.atomic():
        hold_orders([specimen.order_id])
        found = list(_named_tests(specimen, test_codes))
        ids = [one.pk for one in found]
        state_reason(reason.code)
        SpecimenTest.objects.filter(pk__in=ids).update(
            state=SpecimenTest.State.REJECTED,
            rejection_reason=reason,
            rejection_note=note.strip(),
            findings=[],
        )
        _close_tube(specimen)
        detail = {specimen.pk: {"tests": sorted(test_codes), "reason": reason.code, "note": note.strip()}}
        site = by.site_id or specimen.custody_site_id
        record_steps("tests_rejected", [specimen.pk], site_id=site, by=by, at=at, details=detail)
        if specimen.accepted_at is not None:
            record_events("tests_to_measure_changed", [specimen.pk], at=at)
    return list(SpecimenTest.objects.filter(pk__in=ids).select_related("test", "rejection_reason"))


def request_recollection(order_items: Iterable[OrderItem], *, by: Actor, at: datetime) -> Specimen:
    """A new tube for tests that were rejected or whose tube went missing; `replaces` says which one.

    The tests must have been on one tube and must have no other tube under way.
    """
    if not (by.may("reject_specimen") or by.may("place_order")):
        raise Forbidden(_("%(name)s may not request another tube.") % {"name": by.name})
    with transaction.atomic():
        asked = list(order_items)
        hold_orders(one.order_id for one in asked)
        items = list(
            OrderItem.objects.select_for_update(of=("self",)).filter(pk__in=[one.pk for one in asked])
        )
        write_off(items)
        old = _lost_tube(items)
        new = _copy(old)
        tests = [
            SpecimenTest(
                specimen=new,
                order_item=item,
                test_id=item.test_id,
                ordering_site_id=new.ordering_site_id,
                laboratory_id=new.laboratory_id,
            )
            for item in items
        ]
        SpecimenTest.objects.bulk_create(tests)
        detail = {new.pk: {"replaces": old.number}}
        site = new.ordering_site_id
        record_steps("recollection_requested", [new.pk], site_id=site, by=by, at=at, details=detail)
    return new


def close_without_recollection(
    order_items: Iterable[OrderItem], *, reason: str, by: Actor, at: datetime
) -> list[int]:
    """Give up tests for which nothing will come; returns the ids of orders that this completed."""
    if not (by.may("reject_specimen") or by.may("cancel_order")):
        raise Forbidden(_("%(name)s may not give up a test.") % {"name": by.name})
    with transaction.atomic():
        items = list(order_items)
        hold_orders(one.order_id for one in items)
        write_off(items)
        if live := _under_way(items):
            raise Refused(
                _("A tube for %(tests)s is still under way. Reject it, or wait for it.")
                % {"tests": ", ".join(live)}
            )
        return close_items([one.pk for one in items], reason=reason, by=by, at=at)


def _named_tests(specimen: Specimen, codes: Sequence[str]) -> Iterable[SpecimenTest]:
    found = {
        one.test.code: one
        for one in specimen.tests.select_for_update(of=("self",))
        .select_related("test")
        .filter(test__code__in=codes)
    }
    unknown = sorted(set(codes) - set(found))
    late = sorted(code for code, one in found.items() if one.state not in _REJECTABLE)
    if unknown or not codes:
        raise Refused(
            _("This tube does not serve %(tests)s.") % {"tests": ", ".join(unknown) or "-"},
            fields={"tests": _("Choose from the tests of this tube.")},
        )
    if late:
        raise Refused(
            _("Already measured, rejected or cancelled: %(tests)s. Refuse the result instead.")
            % {"tests": ", ".join(late)},
            fields={"tests": _("Leave out what is already decided.")},
        )
    return found.values()


def _close_tube(specimen: Specimen) -> None:
    if not specimen.tests.exclude(
        state__in=[SpecimenTest.State.REJECTED, SpecimenTest.State.CANCELLED]
    ).exists():
        Specimen.objects.filter(pk=specimen.pk).update(state=Specimen.State.REJECTED)


def _under_way(items: Sequence[OrderItem]) -> list[str]:
    live = SpecimenTest.objects.filter(order_item__in=items).exclude(
        state__in=[SpecimenTest.State.REJECTED, SpecimenTest.State.CANCELLED]
    )
    return sorted(live.values_list("test__code", flat=True))


def write_off(items: Sequence[OrderItem]) -> None:
    """Reject what tubes that never arrived were to serve."""
    # a missing tube that turns up after its successor was asked for must not be measured beside it
    SpecimenTest.objects.filter(
        order_item__in=items, specimen__state=Specimen.State.MISSING, state__in=_REJECTABLE
    ).update(state=SpecimenTest.State.REJECTED, rejection_reason=rejection_reasons()[NOT_RECEIVED])


def _lost_tube(items: Sequence[OrderItem]) -> Specimen:
    if not items or any(one.state != OrderItem.State.OPEN for one in items):
        raise Refused(_("Only tests that are still open can be drawn again."))
    if live := _under_way(items):
        raise Refused(
            _("A tube for %(tests)s is still under way. Reject it first.") % {"tests": ", ".join(live)}
        )
    tried = SpecimenTest.objects.filter(order_item__in=items).order_by("id")
    latest = dict(tried.values_list("order_item_id", "specimen_id"))  # of several the last stays
    if len(set(latest.values())) != 1 or len(latest) != len(items):
        raise Refused(_("These tests were on different tubes. Request a new tube for each."))
    return Specimen.objects.select_related("ordering_site").get(pk=next(iter(latest.values())))


def _copy(old: Specimen) -> Specimen:
    return Specimen.objects.create(
        number=take_numbers(old.ordering_site, 1)[0],
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

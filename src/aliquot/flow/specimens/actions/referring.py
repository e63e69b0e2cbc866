"""Tubes between regions: ours that go to another region's laboratory, theirs that come to ours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import hold_orders
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.actions.planning import serving
from aliquot.flow.specimens.actions.steps import record_steps
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.models import Container, SpecimenType


@dataclass(frozen=True, slots=True)
class ForeignTube:
    """A tube that another region labelled and drew, by the codes of the shared catalogue."""

    number: str
    container: str
    specimen_type: str
    volume_ul: int
    is_centrifuged: bool
    lane: str
    collected_at: datetime
    spun_at: datetime | None


def refer_tests(
    specimen: Specimen, codes: Collection[str], *, to: str, by: Actor, at: datetime
) -> list[SpecimenTest]:
    """The tests of an accepted tube, marked as sent to another region; no analyzer measures them any more.

    Refused for a tube that is not accepted here, and for a test that does not wait to be measured.
    """
    by.require("refer_specimen")
    if specimen.laboratory_id not in by.sites:
        raise Forbidden(_("This tube belongs to another laboratory."))
    with transaction.atomic():
        hold_orders([specimen.order_id])
        current = Specimen.objects.select_for_update(of=("self",)).get(pk=specimen.pk)
        if current.state != Specimen.State.ACCEPTED:
            raise Refused(
                _("%(number)s is not accepted here. Take it in first.") % {"number": current.number}
            )
        found = _to_refer(current, codes)
        SpecimenTest.objects.filter(pk__in=[one.pk for one in found]).update(
            state=SpecimenTest.State.REFERRED
        )
        details = {current.pk: {"tests": sorted(codes), "to": to}}
        site = by.site_id or current.custody_site_id
        record_steps("sent_out", [current.pk], site_id=site, by=by, at=at, details=details)
        record_events("tests_to_measure_changed", [current.pk], at=at)
    return found


def return_tests(specimen: Specimen, codes: Collection[str], *, why: str, by: Actor, at: datetime) -> int:
    """How many tests are to be measured here again, because the other region does not do them."""
    with transaction.atomic():
        hold_orders([specimen.order_id])
        referred = specimen.tests.filter(test__code__in=codes, state=SpecimenTest.State.REFERRED)
        count = referred.update(state=SpecimenTest.State.ACCEPTED)
        details = {specimen.pk: {"tests": sorted(codes), "why": why}}
        record_steps(
            "not_taken_there", [specimen.pk], site_id=specimen.laboratory_id, by=by, at=at, details=details
        )
        record_events("tests_to_measure_changed", [specimen.pk], at=at)
    return count


def adopt_specimen(order: Order, tube: ForeignTube, *, by: Actor, at: datetime) -> Specimen:
    """The tube of another region for this order, under the number that it carries, on its way here.

    Refused for a number that is known here, and for a container or a specimen type that the catalogue lacks.
    """
    by.require("collect_specimen")
    container = Container.objects.filter(code=tube.container).first()
    specimen_type = SpecimenType.objects.filter(code=tube.specimen_type).first()
    if container is None or specimen_type is None:
        code = tube.container if container is None else tube.specimen_type
        raise Refused(_("The catalogue does not hold %(code)s.") % {"code": code})
    if Specimen.objects.filter(number=tube.number).exists():
        raise Refused(_("A tube %(number)s is known here already.") % {"number": tube.number})
    specimen = Specimen.objects.create(
        number=tube.number,
        order=order,
        container=container,
        specimen_type=specimen_type,
        volume_ul=tube.volume_ul,
        is_centrifuged=tube.is_centrifuged,
        state=Specimen.State.IN_TRANSIT,
        custody_site_id=order.ordering_site_id,
        ordering_site_id=order.ordering_site_id,
        laboratory_id=order.laboratory_id,
        collected_at=tube.collected_at,
        collected_by=by.key,
        spun_at=tube.spun_at,
        lane=tube.lane,
    )
    items: Sequence[OrderItem] = list(order.items.filter(test__volume_ul__gt=0).select_related("test"))
    SpecimenTest.objects.bulk_create(serving(specimen, one) for one in items)
    record_steps("announced", [specimen.pk], site_id=order.ordering_site_id, by=by, at=at)
    return specimen


def _to_refer(specimen: Specimen, codes: Collection[str]) -> list[SpecimenTest]:
    found = list(
        specimen.tests.select_related("test").filter(
            test__code__in=codes, state=SpecimenTest.State.ACCEPTED, order_item__state=OrderItem.State.OPEN
        )
    )
    if lacking := sorted(set(codes) - {one.test.code for one in found}):
        raise Refused(
            _("Not waiting to be measured from this tube: %(tests)s.") % {"tests": ", ".join(lacking)},
            fields={"tests": _("Choose tests that this tube still waits for.")},
        )
    if not found:
        raise Refused(_("Choose at least one test."), fields={"tests": _("Choose at least one test.")})
    return found

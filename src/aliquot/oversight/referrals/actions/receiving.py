"""At the region that does the work: a tube is announced and measured as any other, results go back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import OrderRequest, place_order
from aliquot.flow.reports.models import Report
from aliquot.flow.specimens.actions import ForeignTube, adopt_specimen
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.oversight.federation.actions import Came, queue_message
from aliquot.oversight.referrals.models import Partner, Referral
from aliquot.oversight.referrals.rules.letters import (
    RESULTS,
    Asked,
    MalformedError,
    Told,
    found_in,
    read_asked,
    write_told,
)
from aliquot.oversight.referrals.rules.pseudonyms import birth_date_for
from aliquot.registers.patients.actions import PatientFacts, register_patient


def take_in(came: Came, by: Actor, at: datetime) -> Mapping[str, Any]:  # noqa: ARG001 - a Handler
    """The order of another region's laboratory, with its tube on the way under the number that it carries.

    The same referral again changes nothing. Refused without an agreement in force, and for whatever an order
    is refused for: an unknown test, a container that the catalogue lacks.
    """
    asked = _read(came)
    known = Referral.objects.filter(uid=asked.referral, direction=Referral.Direction.IN).first()
    if known is not None:
        return {"order": known.order.number}
    partner = _partner(came.sender, at)
    sites = frozenset({partner.site_id, partner.laboratory_id})
    with acting(system_actor(f"referral:{came.sender}", sites), reason=f"letter {came.uid}") as there:
        return {"order": _place(asked, partner, by=there, at=at).order.number}


def tell_results(order_ids: Iterable[int], *, by: Actor, at: datetime) -> None:
    """Queue the newest version of what was found for each of these orders that came from another region."""
    found = Referral.objects.filter(order_id__in=list(order_ids), direction=Referral.Direction.IN)
    for one in found.select_related("partner", "laboratory").select_for_update(of=("self",)).order_by("pk"):
        report = Report.objects.filter(order_id=one.order_id).order_by("-version").first()
        if report is None or report.version <= one.version:
            continue
        told = Told(
            str(one.uid),
            report.version,
            one.laboratory.name_en,
            one.laboratory.name_ru,
            found_in(report.content, one.tests),
        )
        queue_message(
            RESULTS, write_told(told), to=one.partner.peer, cause=f"referral:{one.pk}", by=by, at=at
        )
        Referral.objects.filter(pk=one.pk).update(version=report.version, state=Referral.State.REPORTED)


def _read(came: Came) -> Asked:
    try:
        return read_asked(came.body)
    except MalformedError as fault:
        raise Refused(_("The letter lacks %(field)s.") % {"field": fault.field}) from fault


def _partner(peer: str, at: datetime) -> Partner:
    in_force = Q(until__isnull=True) | Q(until__gt=at)
    held = Partner.objects.select_related("site", "laboratory").filter(in_force, peer=peer, since__lte=at)
    found = held.order_by("pk").first()
    if found is None:
        raise Refused(_("There is no agreement between the two laboratories now."))
    return found


def _place(asked: Asked, partner: Partner, *, by: Actor, at: datetime) -> Referral:
    born = birth_date_for(asked.age, asked.collected_at.date()) if asked.age else None
    facts = PatientFacts(asked.pseudonym, birth_date=born, sex=asked.sex, is_unidentified=True)
    patient = register_patient(facts, site=partner.site, by=by, at=at, strict=False)
    request = OrderRequest(
        patient.pk,
        asked.tests,
        requester=asked.laboratory_ru,
        urgency=asked.urgency,
        is_pregnant=asked.is_pregnant,
        external_system=f"node:{partner.peer}",
        external_number=asked.referral,
    )
    order = place_order(request, site=partner.site, by=by, at=at)
    tube = ForeignTube(
        asked.number,
        asked.container,
        asked.specimen_type,
        asked.volume_ul,
        asked.is_centrifuged,
        asked.lane,
        asked.collected_at,
        asked.spun_at,
    )
    return Referral.objects.create(
        uid=asked.referral,
        direction=Referral.Direction.IN,
        partner=partner,
        laboratory_id=order.laboratory_id,
        order=order,
        specimen=adopt_specimen(order, tube, by=by, at=at),
        tests=list(asked.tests),
        state=Referral.State.TAKEN,
        asked_at=at,
        asked_by=by.key,
    )

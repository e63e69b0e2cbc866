"""At the region that asks: a tube goes out under a pseudonym, results come back to its order."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import close_items
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions import (
    Then,
    amend_result,
    enter_result,
    refuse_result,
    withdraw_results,
)
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import refer_tests, return_tests
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events
from aliquot.oversight.federation.actions import Came, queue_message
from aliquot.oversight.federation.models import MessageOut
from aliquot.oversight.referrals.models import Partner, Referral
from aliquot.oversight.referrals.rules.filing import Standing, Step, step_for
from aliquot.oversight.referrals.rules.letters import (
    PLACED,
    Asked,
    Found,
    MalformedError,
    Told,
    read_told,
    write_asked,
)
from aliquot.oversight.referrals.rules.pseudonyms import age_at, pseudonym_of

WAITING = (Result.State.RECORDED, Result.State.HELD)
RELEASED = (Result.State.RELEASED, Result.State.RECALLED)


def send_out(specimen: Specimen, codes: Collection[str], *, to: Partner, by: Actor, at: datetime) -> Referral:
    """The referral of tests from an accepted tube to another region's laboratory; its letter leaves at once.

    No name, number or birth date goes along: a pseudonym, the sex, an age, what the tests need. Refused when
    the agreement does not hold now, and for tests that do not wait to be measured from this tube.
    """
    if to.laboratory_id != specimen.laboratory_id or not _holds(to, at):
        raise Refused(_("There is no agreement with %(laboratory)s now.") % {"laboratory": to.site})
    with transaction.atomic():
        refer_tests(specimen, codes, to=to.peer, by=by, at=at)
        referral = Referral.objects.create(
            uid=uuid4(),
            direction=Referral.Direction.OUT,
            partner=to,
            laboratory_id=specimen.laboratory_id,
            order_id=specimen.order_id,
            specimen=specimen,
            tests=sorted(codes),
            asked_at=at,
            asked_by=by.key,
        )
        record_events("referral_asked", [referral.pk], at=at)
    return referral


def ask_partners(referral_ids: Iterable[int], *, by: Actor, at: datetime) -> None:
    """Queue the letter of each referral to its partner's node."""
    found = Referral.objects.filter(pk__in=list(referral_ids), direction=Referral.Direction.OUT)
    for one in found.select_related("partner", "laboratory", "specimen__order__patient"):
        queue_message(
            PLACED,
            write_asked(_asked(one, at)),
            to=one.partner.peer,
            cause=f"referral:{one.pk}",
            by=by,
            at=at,
        )


def follow_answers(message_ids: Iterable[int], *, by: Actor, at: datetime) -> None:
    """Note which referrals were taken there; tests of one that was refused are measured here again."""
    answers = MessageOut.objects.filter(pk__in=list(message_ids), kind=PLACED)
    for message in answers:
        referral = Referral.objects.get(pk=int(message.cause.partition(":")[2]))
        is_taken = message.outcome == MessageOut.Outcome.APPLIED
        state = Referral.State.TAKEN if is_taken else Referral.State.REFUSED
        asked = Referral.objects.filter(pk=referral.pk, state=Referral.State.ASKED)
        if asked.update(state=state, said=None if is_taken else message.answer) and not is_taken:
            why = str((message.answer or {}).get("en", ""))
            return_tests(referral.specimen, referral.tests, why=why, by=by, at=at)


def file_told(came: Came, by: Actor, at: datetime) -> Mapping[str, Any]:  # noqa: ARG001 - a Handler
    """File what another region's laboratory found as results of the original order; the steps taken, by test.

    A value waits for a look here like one entered by hand, and names the laboratory that measured it. A
    changed or withdrawn value there changes or withdraws it here. An older version does nothing. Refused for
    a letter of somebody else, and for a value in another unit than the test's.
    """
    told = _read(came)
    referral = (
        Referral.objects.select_for_update()
        .filter(uid=told.referral, direction=Referral.Direction.OUT, partner__peer=came.sender)
        .first()
    )
    if referral is None:
        raise Refused(_("No referral to that laboratory has this number."))
    if told.version <= referral.version:
        return {"steps": {}}
    lab = system_actor(f"referral:{came.sender}", frozenset({referral.laboratory_id}))
    with acting(lab, reason=f"letter {came.uid}"):
        known = [one for one in told.found if one.code in referral.tests]
        steps = {one.code: _file(referral, told, one, by=lab, at=at).value for one in known}
        Referral.objects.filter(pk=referral.pk).update(version=told.version, state=Referral.State.REPORTED)
    return {"steps": steps}


def _holds(partner: Partner, at: datetime) -> bool:
    return Partner.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at), pk=partner.pk, since__lte=at
    ).exists()


def _asked(one: Referral, at: datetime) -> Asked:
    tube, order = one.specimen, one.specimen.order
    patient, collected = order.patient, tube.collected_at or at
    born = patient.birth_date
    return Asked(
        referral=str(one.uid),
        laboratory_en=one.laboratory.name_en,
        laboratory_ru=one.laboratory.name_ru,
        pseudonym=pseudonym_of(str(one.uid)),
        sex=patient.sex,
        age=age_at(born, collected.date()) if born and born <= collected.date() else None,
        is_pregnant=order.is_pregnant,
        urgency=order.urgency,
        tests=tuple(one.tests),
        number=tube.number,
        container=tube.container.code,
        specimen_type=tube.specimen_type.code,
        volume_ul=tube.volume_ul,
        is_centrifuged=tube.is_centrifuged,
        lane=tube.lane,
        collected_at=collected,
        spun_at=tube.spun_at,
    )


def _read(came: Came) -> Told:
    try:
        return read_told(came.body)
    except MalformedError as fault:
        raise Refused(_("The letter lacks %(field)s.") % {"field": fault.field}) from fault


def _file(referral: Referral, told: Told, found: Found, *, by: Actor, at: datetime) -> Step:
    item = OrderItem.objects.select_related("test", "order").get(
        order_id=referral.order_id, test__code=found.code
    )
    live = Result.objects.filter(order_item=item, order_id=item.order_id, state__in=(*WAITING, *RELEASED))
    result = live.order_by("-pk").first()
    step = step_for(found, _standing(item, result))
    if step in {Step.ENTER, Step.REPLACE, Step.AMEND} and found.unit != item.test.unit:
        words = _("%(test)s came in %(theirs)s, the catalogue here says %(ours)s.")
        raise Refused(words % {"test": item.test, "theirs": found.unit or "1", "ours": item.test.unit or "1"})
    _do(step, item, result, told, found, by=by, at=at)
    return step


def _standing(item: OrderItem, result: Result | None) -> Standing:
    text = result.value_text if result else None
    is_released = result is not None and result.state in RELEASED
    is_open = item.state == OrderItem.State.OPEN
    return Standing(is_open, None if is_released else text, text if is_released else None)


def _do(
    step: Step,
    item: OrderItem,
    result: Result | None,
    told: Told,
    found: Found,
    *,
    by: Actor,
    at: datetime,
) -> None:
    why = " / ".join(dict.fromkeys(part for part in (found.reason_ru, found.reason_en) if part)) or "—"
    if result is not None and step in {Step.REPLACE, Step.REFUSE}:
        refuse_result([result.pk], reason=why, by=by, at=at)
    if step in {Step.ENTER, Step.REPLACE}:
        enter_result(item, found.value, by=by, at=at, comment=_measured_by(told, found))
    elif step is Step.AMEND and result is not None:
        amend_result(result, found.value, reason=why, by=by, at=at)
    elif step is Step.WITHDRAW and result is not None:
        withdraw_results([result.pk], reason=why, then=Then.OPEN, by=by, at=at)
    elif step is Step.GIVE_UP:
        close_items([item.pk], reason=why, by=by, at=at)


def _measured_by(told: Told, found: Found) -> str:
    """Who measured it, by which method and between which limits, in both languages of the report."""
    interval = f" [{found.interval}]" if found.interval else ""
    ru = f"Выполнено: {told.laboratory_ru}. {found.method_ru}{interval}".strip()
    en = f"Measured by {told.laboratory_en}. {found.method_en}{interval}".strip()
    return f"{ru} / {en}"

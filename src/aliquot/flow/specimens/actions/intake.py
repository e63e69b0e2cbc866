"""At reception: take tubes in by the hundred, judge each test, decide what the rule left to a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from aliquot.flow.orders.actions import hold_orders
from aliquot.flow.specimens.actions.steps import SQL, record_steps
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.queries import tubes_at_intake
from aliquot.flow.specimens.rules.acceptance import NEVER_CONCEDED, Outcome, TestVerdict
from aliquot.flow.specimens.rules.intake import (
    AcceptOutcome,
    Intake,
    TubeFacts,
    judge_intake,
    judge_tests,
    stranger,
)
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.queries import rejection_reasons
from aliquot.registers.network.models import Site
from aliquot.registers.network.queries import region_prefixes

_TAKEN_IN = frozenset({Intake.ACCEPTED, Intake.PARTLY, Intake.REJECTED})
_TEST_STATE = {
    Outcome.ACCEPT: SpecimenTest.State.ACCEPTED.value,
    Outcome.CONCESSION: SpecimenTest.State.ACCEPTED.value,
    Outcome.HOLD: SpecimenTest.State.HELD.value,
    Outcome.REJECT: SpecimenTest.State.REJECTED.value,
}


def accept_specimens(numbers: Sequence[str], *, site: Site, by: Actor, at: datetime) -> list[AcceptOutcome]:
    """What became of each scanned number, in the order of scanning; one bad tube never stops the others.

    Set-based: the same handful of statements for one tube and for 500. A number scanned twice is the second
    time "already".
    """
    by.require("accept_specimen")
    if site.pk not in by.sites:
        raise Forbidden(_("%(name)s does not work at %(site)s.") % {"name": by.name, "site": site})
    scanned = [number.strip() for number in numbers]
    with transaction.atomic():
        hold_orders(Specimen.objects.filter(number__in=scanned).values("order_id"))
        tubes = {tube.number: tube for tube in tubes_at_intake(scanned)}
        outcomes = _outcomes(scanned, tubes, site, at)
        taken = [one for one in outcomes if one.kind in _TAKEN_IN]
        _apply(taken, tubes, site, by, at)
    return outcomes


def note_condition(specimen: Specimen, conditions: Iterable[str], *, by: Actor, at: datetime) -> None:
    """Keep what reception sees of a tube, as codes of rejection reasons; tests that it spoils are rejected.

    Before acceptance it only waits for it; afterwards every test not yet measured is judged again.
    """
    by.require("reject_specimen")
    seen = sorted(set(conditions))
    if unknown := sorted(set(seen) - set(rejection_reasons())):
        raise Refused(
            _("Not in the list of conditions: %(codes)s.") % {"codes": ", ".join(unknown)},
            fields={"conditions": _("Choose from the list.")},
        )
    with transaction.atomic():
        hold_orders([specimen.order_id])
        Specimen.objects.filter(pk=specimen.pk).update(condition=seen)
        detail = {specimen.pk: {"conditions": seen}}
        site = by.site_id or specimen.custody_site_id
        record_steps("condition_noted", [specimen.pk], site_id=site, by=by, at=at, details=detail)
        _judge_again(specimen, at)
        record_events("tests_to_measure_changed", [specimen.pk], at=at)


def accept_tests(
    specimen: Specimen, test_codes: Sequence[str], *, note: str, by: Actor, at: datetime
) -> list[SpecimenTest]:
    """The tests that a doctor lets be measured although the rule held or rejected them; the note is kept.

    A tube that may be another patient's, or is not there, is never conceded. Source: ISO 15189:2022, 7.2.6.2.
    """
    by.require("concede_specimen")
    if not note.strip():
        raise Refused(_("Say why."), fields={"note": _("Write why these tests may be measured.")})
    with transaction.atomic():
        hold_orders([specimen.order_id])
        found = specimen.tests.filter(
            test__code__in=test_codes,
            state__in=[SpecimenTest.State.HELD, SpecimenTest.State.REJECTED],
            order_item__state="open",
        )
        if found.filter(rejection_reason__code__in=NEVER_CONCEDED).exists():
            raise Refused(_("This tube may be another patient's or is not there. Draw it again."))
        ids = list(found.values_list("pk", flat=True))
        _refuse_concession(specimen, ids)
        SpecimenTest.objects.filter(pk__in=ids).update(
            state=SpecimenTest.State.ACCEPTED, rejection_note=note.strip()
        )
        Specimen.objects.filter(pk=specimen.pk, state=Specimen.State.REJECTED).update(
            state=Specimen.State.ACCEPTED
        )
        detail = {specimen.pk: {"tests": list(test_codes), "note": note.strip()}}
        site = by.site_id or specimen.custody_site_id
        record_steps("tests_conceded", [specimen.pk], site_id=site, by=by, at=at, details=detail)
        record_events("tests_to_measure_changed", [specimen.pk], at=at)
    return list(SpecimenTest.objects.filter(pk__in=ids))


def _refuse_concession(specimen: Specimen, ids: Sequence[int]) -> None:
    if not ids:
        raise Refused(_("None of these tests is held or rejected on this tube."))
    elsewhere = SpecimenTest.objects.filter(order_item__specimentest__in=ids).exclude(specimen=specimen)
    if elsewhere.exclude(state__in=[SpecimenTest.State.REJECTED, SpecimenTest.State.CANCELLED]).exists():
        raise Refused(_("Another tube for these tests is already under way. Withdraw that one first."))


def _outcomes(
    scanned: Sequence[str], tubes: dict[str, TubeFacts], site: Site, at: datetime
) -> list[AcceptOutcome]:
    prefixes = region_prefixes()
    outcomes: dict[str, AcceptOutcome] = {}
    found = []
    for number in scanned:
        if number in outcomes and number in tubes:
            found.append(AcceptOutcome(number, Intake.ALREADY, tubes[number].id))
            continue
        tube = tubes.get(number)
        outcomes[number] = (
            judge_intake(tube, laboratory_id=site.pk, at=at) if tube else stranger(number, prefixes)
        )
        found.append(outcomes[number])
    return found


def _apply(
    taken: Sequence[AcceptOutcome], tubes: dict[str, TubeFacts], site: Site, by: Actor, at: datetime
) -> None:
    if not taken:
        return
    ids = [tubes[one.number].id for one in taken]
    states = ["rejected" if one.kind is Intake.REJECTED else "accepted" for one in taken]
    sql_files.execute(SQL, "apply_intake", specimens=ids, states=states, site=site.pk, at=at)
    _write_verdicts([(tubes[one.number], verdict) for one in taken for verdict in one.verdicts])
    details = {tubes[one.number].id: _detail(one) for one in taken}
    record_steps("taken_in", ids, site_id=site.pk, by=by, at=at, details=details)
    record_events("tests_to_measure_changed", ids, at=at)


def _detail(outcome: AcceptOutcome) -> dict[str, object]:
    found: dict[str, object] = {"outcome": outcome.kind.value}
    for name, kind in (
        ("rejected", Outcome.REJECT),
        ("held", Outcome.HOLD),
        ("conceded", Outcome.CONCESSION),
    ):
        if tests := [one.test for one in outcome.with_outcome(kind)]:
            found[name] = tests
    return found


def _write_verdicts(judged: Sequence[tuple[TubeFacts, TestVerdict]]) -> None:
    rows = {(tube.id, asked.limits.code): asked.id for tube, _verdict in judged for asked in tube.tests}
    sql_files.execute(
        SQL,
        "apply_verdicts",
        tests=[rows[tube.id, verdict.test] for tube, verdict in judged],
        states=[_TEST_STATE[verdict.outcome] for _tube, verdict in judged],
        reasons=[_code(verdict) for _tube, verdict in judged],
        findings=[Jsonb([one.as_json() for one in verdict.reasons]) for _tube, verdict in judged],
    )


def _code(verdict: TestVerdict) -> str:
    return next((reason.code for reason in verdict.reasons if reason.code), "")


def _judge_again(specimen: Specimen, at: datetime) -> None:
    if not Specimen.objects.filter(pk=specimen.pk, state=Specimen.State.ACCEPTED).exists():
        return
    accepted = specimen.tests.filter(state=SpecimenTest.State.ACCEPTED)
    accepted.update(state=SpecimenTest.State.PENDING)
    tube = next(iter(tubes_at_intake([specimen.number])))
    judged = [(tube, verdict) for verdict in judge_tests(tube, at)]
    _write_verdicts(judged)
    if judged and not specimen.tests.exclude(state__in=["rejected", "cancelled"]).exists():
        Specimen.objects.filter(pk=specimen.pk).update(state=Specimen.State.REJECTED)

"""Internal audits: planned, gone through question by question, reported; findings open nonconformities."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.actions.noting import said
from aliquot.oversight.improvement.actions.raising import Happening, raise_nonconformity
from aliquot.oversight.improvement.actions.refusals import REPORT_REFUSALS
from aliquot.oversight.improvement.models import Audit, AuditItem, Nonconformity
from aliquot.oversight.improvement.queries import Question
from aliquot.oversight.improvement.rules.audits import SEVERITY, may_step, raises, why_not_reported
from aliquot.registers.network.models import Site

State = Audit.State


def plan_audit(
    laboratory: Site,
    scope: str,
    auditor: str,
    planned_on: date,
    asked: Sequence[Question],
    *,
    by: Actor,
    at: datetime,
) -> Audit:
    """An audit of a part of the laboratory with its questions. Source: ISO 15189:2022, 8.8.3."""
    by.require("manage_quality")
    _own(laboratory.pk, by)
    words = said("scope", scope, _("Say which part of the work is audited."))
    name = said("auditor", auditor, _("Say who audits: somebody who does not do this work."))
    if not asked:
        missing = _("Choose what is asked: one clause at least.")
        raise Refused(missing, fields={"clauses": missing})
    with transaction.atomic():
        made = Audit.objects.create(
            laboratory=laboratory,
            scope=words,
            auditor=name,
            planned_on=planned_on,
            planned_at=at,
            planned_by=by.key,
        )
        AuditItem.objects.bulk_create(
            AuditItem(
                audit=made,
                laboratory=laboratory,
                position=place,
                clause=one.clause,
                question_en=one.en,
                question_ru=one.ru,
            )
            for place, one in enumerate(asked, start=1)
        )
        return made


def begin_audit(pk: int, *, by: Actor, at: datetime) -> Audit:  # noqa: ARG001 - every action says when
    """The audit, under way: its questions may be answered."""
    by.require("manage_quality")
    with transaction.atomic():
        held = _held(pk, by, State.UNDER_WAY)
        held.state = State.UNDER_WAY
        held.save(update_fields=["state"])
        return held


def answer_item(item_id: int, verdict: str, evidence: str, *, by: Actor, at: datetime) -> AuditItem:
    """The question with what was found; a minor or major one opens a nonconformity. An answer stays."""
    by.require("manage_quality")
    words = said("evidence", evidence, _("Say what you looked at: it is the evidence."))
    if verdict not in AuditItem.Verdict.values:
        missing = _("Choose what you found.")
        raise Refused(missing, fields={"verdict": missing})
    with transaction.atomic():
        item = (
            AuditItem.objects.select_for_update(of=("self",))
            .select_related("audit")
            .filter(pk=item_id)
            .first()
        )
        if item is None:
            raise Forbidden(_("This audit is of another laboratory."))
        _own(item.laboratory_id, by)
        if item.audit.state != State.UNDER_WAY:
            raise Refused(_("This audit is not under way."))
        if item.verdict:
            raise Refused(_("This question is answered already."))
        item.verdict, item.evidence, item.answered_at, item.answered_by = verdict, words, at, by.key
        item.nonconformity = _raised(item, words, by, at) if raises(verdict) else None
        item.save(update_fields=["verdict", "evidence", "answered_at", "answered_by", "nonconformity"])
        return item


def report_audit(pk: int, summary: str, *, by: Actor, at: datetime) -> Audit:
    """The audit with its report; Refused while a question is open."""
    by.require("manage_quality")
    with transaction.atomic():
        held = _held(pk, by, State.REPORTED)
        verdicts = list(held.items.values_list("verdict", flat=True))
        if why := why_not_reported(verdicts, summary):
            words = str(REPORT_REFUSALS[why])
            raise Refused(words, fields={"summary": words} if why == "summary" else {})
        return _ended(held, State.REPORTED, summary.strip(), by, at)


def cancel_audit(pk: int, reason: str, *, by: Actor, at: datetime) -> Audit:
    """The audit, given up; what was answered stays."""
    by.require("manage_quality")
    words = said("summary", reason, _("Say why this audit is given up."))
    with transaction.atomic():
        return _ended(_held(pk, by, State.CANCELLED), State.CANCELLED, words, by, at)


def _ended(held: Audit, state: str, words: str, by: Actor, at: datetime) -> Audit:
    held.state, held.summary, held.ended_at, held.ended_by = state, words, at, by.key
    held.save(update_fields=["state", "summary", "ended_at", "ended_by"])
    return held


def _raised(item: AuditItem, words: str, by: Actor, at: datetime) -> Nonconformity:
    source = Nonconformity.Source.AUDIT_FINDING
    happening = Happening(source, f"{item.clause}: {words}", item.pk, SEVERITY[item.verdict])
    return raise_nonconformity(happening, Site.objects.get(pk=item.laboratory_id), by=by, at=at)


def _held(pk: int, by: Actor, to: str) -> Audit:
    held = Audit.objects.select_for_update().filter(pk=pk).first()
    if held is None:
        raise Forbidden(_("This audit is of another laboratory."))
    _own(held.laboratory_id, by)
    if not may_step(held.state, to):
        raise Refused(
            _("It is not its turn: this audit is now “%(state)s”.") % {"state": held.get_state_display()}
        )
    return held


def _own(laboratory_id: int, by: Actor) -> None:
    if laboratory_id not in by.sites:
        raise Forbidden(_("This audit is of another laboratory."))

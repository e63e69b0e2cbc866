"""Release reports, render them once, note that they were seen; tell recipients what was corrected."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from aliquot.flow.orders.rules.not_computed import reason_words
from aliquot.flow.reports.documents.rendering import LANGUAGES, render
from aliquot.flow.reports.models import Notice, NoticeAttempt, Report, ReportDocument
from aliquot.flow.reports.queries import read_facts
from aliquot.flow.reports.rules.composition import Composition, OrderFacts, compose
from aliquot.flow.reports.rules.corrections import corrections, due_at
from aliquot.flow.results.actions import settle_decisions
from aliquot.flow.results.models import LookBackStep
from aliquot.flow.results.queries import kept_back
from aliquot.flow.specimens.rules.acceptance import findings_words
from aliquot.flow.verification.queries import correction_policy_of
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.months.queries import where_it_lies
from aliquot.registers.people.queries import name_of, names_of

SQL = Path(__file__).parent / "sql"


def release_reports(order_ids: Iterable[int], *, by: Actor, at: datetime) -> int:
    """Compose and keep the next report of each order; return how many were new.

    Only released results are read. An order about which nothing new can be said gets no version, so the same
    event may come twice. Records "report_released" with the orders' ids. An order of which a person may still
    take a release back waits: its event comes again when that is over.
    """
    wanted = sorted(set(order_ids))
    if not wanted:
        return 0
    sql_files.fetch_rows(SQL, "lock_orders", orders=wanted)
    kept = settle_decisions(kept_back(wanted), by=by, at=at)
    for order, until in kept.items():
        record_events("order_completed", [order], at=at, not_before=until)
    ids = [one for one in wanted if one not in kept]
    facts = read_facts(ids, at=at)
    _require_values(facts)
    _put_into_words(facts)
    releaser = _releaser(by)
    composed = [compose(one, released_at=at, released_by=releaser) for one in facts]
    new = [one for one in composed if one is not None]
    count = _keep(new, by=by, at=at)
    _tell(new, at=at)
    record_events("report_released", (one.facts.order_id for one in new), at=at)
    return count


def render_document(report: Report, language: str) -> bytes:
    """The report as a PDF in `en` or `ru`: rendered once, kept, the same bytes ever after."""
    if language not in LANGUAGES:
        raise Refused(
            _("There is no report in this language; ask for en or ru."), fields={"language": language}
        )
    kept = ReportDocument.objects.filter(report=report, language=language).first()
    return bytes(kept.content) if kept else _render_once(report, language)


def note_seen(report: Report, *, by: Actor, at: datetime) -> None:
    """Note that the ordering side has seen this version; the first to see it stays named."""
    by.require("view_report")
    if report.ordering_site_id not in by.sites:
        raise Forbidden(_("Only the place that ordered can say that it has seen this report."))
    Report.objects.filter(pk=report.pk, seen_at=None).update(seen_at=at, seen_by=by.key)
    report.refresh_from_db(fields=["seen_at", "seen_by"])


def _require_values(facts: Iterable[OrderFacts]) -> None:
    """Refuse to say less than before because a value lies in a file; the reaction waits until it is back."""
    missing = [
        item["result_id"] for one in facts for item in one.items if item["result_id"] and not item["values"]
    ]
    if where := where_it_lies(missing):
        raise Refused(where)


def tell_recipients(step_ids: Iterable[int], *, at: datetime) -> int:
    """One notice for each site and step of a look-back, with all its patients; how many were new.

    Told to whoever had been told a value; until when it must be acknowledged does not depend on the value.
    """
    steps: dict[int, list[int]] = {}
    asked = LookBackStep.objects.filter(pk__in=set(step_ids)).order_by("pk")
    for step_id, laboratory_id in asked.values_list("pk", "laboratory_id"):
        steps.setdefault(laboratory_id, []).append(step_id)
    return sum(
        sql_files.execute(
            SQL, "insert_step_notices", steps=ids, due_at=at + correction_policy_of(place, at).pressing, at=at
        )
        for place, ids in steps.items()
    )


def see_notice(notice: Notice, *, by: Actor, at: datetime) -> None:
    """Note that somebody of the recipient looked at a notice; the first stays named."""
    if notice.ordering_site_id in by.sites:
        Notice.objects.filter(pk=notice.pk, seen_at=None).update(seen_at=at, seen_by=by.key)
        notice.refresh_from_db()


def acknowledge_notice(notice: Notice, *, by: Actor, at: datetime) -> int:
    """Note that the recipient knows; how many notices that settles: older ones about the order go with it.

    Refused for anybody but the recipient, and when a colleague has acknowledged it already.
    """
    by.require("acknowledge_correction")
    if notice.ordering_site_id not in by.sites:
        raise Forbidden(_("Only the place that ordered can acknowledge this."))
    same = Q(pk=notice.pk)
    if notice.report is not None:
        same |= Q(report__order_id=notice.report.order_id, report__version__lt=notice.report.version)
    settled = _acknowledge(same, notice, by=by, at=at)
    if notice.report is not None:
        unseen = Report.objects.filter(order_id=notice.report.order_id, version__lte=notice.report.version)
        unseen.filter(seen_at=None).update(seen_at=at, seen_by=by.key)
    return settled


def phone_notice(notice: Notice, told_to: str, note: str = "", *, by: Actor, at: datetime) -> None:
    """Note that the recipient was told by telephone and said so back: the notice is acknowledged."""
    name = told_to.strip()
    if not name:
        words = _("Write who was told.")
        raise Refused(words, fields={"told_to": words})
    _keep_attempt(notice, name, note, was_reached=True, by=by, at=at)
    _acknowledge(Q(pk=notice.pk), notice, told_to=name, by=by, at=at)


def attempt_notice(notice: Notice, note: str, *, by: Actor, at: datetime) -> None:
    """Note that nobody could be reached; the notice stays open."""
    if not note.strip():
        words = _("Write whom you tried to reach, and how.")
        raise Refused(words, fields={"note": words})
    _keep_attempt(notice, "", note, was_reached=False, by=by, at=at)


def _acknowledge(which: Q, notice: Notice, *, by: Actor, at: datetime, told_to: str = "") -> int:
    open_ones = Notice.objects.filter(which, ordering_site_id=notice.ordering_site_id, acknowledged_at=None)
    settled = open_ones.update(acknowledged_at=at, acknowledged_by=by.key, told_to=told_to)
    notice.refresh_from_db()
    if not settled:
        raise Refused(
            _("%(name)s has acknowledged this already.") % {"name": name_of(notice.acknowledged_by)}
        )
    return settled


def _keep_attempt(
    notice: Notice, told_to: str, note: str, *, was_reached: bool, by: Actor, at: datetime
) -> None:
    by.require("call_critical")
    if notice.laboratory_id not in by.sites:
        raise Forbidden(_("This notice is of another laboratory."))
    NoticeAttempt.objects.create(
        notice=notice,
        ordering_site_id=notice.ordering_site_id,
        laboratory_id=notice.laboratory_id,
        at=at,
        by=by.key,
        was_reached=was_reached,
        told_to=told_to,
        note=note.strip(),
    )


def _tell(composed: Iterable[Composition], *, at: datetime) -> int:
    """A notice for each version that changes what was said; what a look-back did, its own notice tells."""
    rows = []
    for one in composed:
        found = [each for each in corrections(one.facts.latest, one.content) if not each.look_back]
        if not found:
            continue
        limits = correction_policy_of(one.facts.laboratory_id, at)
        due = due_at(at, found, limits, is_urgent=one.facts.placed["urgency"] == "S")
        reasons = dict.fromkeys(each.reason for each in found if each.reason)
        rows.append(
            {
                "order_id": one.facts.order_id,
                "version": one.version,
                "earlier_version": one.version - 1,
                "reason": "; ".join(reasons),
                "due_at": due,
            }
        )
    return sql_files.execute(SQL, "insert_notices", rows=orjson.dumps(rows).decode(), at=at) if rows else 0


def _put_into_words(facts: Sequence[OrderFacts]) -> None:
    """What rules of the intake found, and why nothing was computed, is frozen in a report's languages."""
    for rejection in (item["rejection"] for one in facts for item in one.items if item["rejection"]):
        for language in LANGUAGES:
            with translation.override(language):
                rejection[f"findings_{language}"] = findings_words(rejection["findings"], _)
    for item in (item for one in facts for item in one.items if item.get("state_facts")):
        for language in LANGUAGES:
            with translation.override(language):
                item["state_facts"][language] = reason_words(item["state_reason"], item["state_facts"], _)


def _keep(new: list[Composition], *, by: Actor, at: datetime) -> int:
    if not new:
        return 0
    kept = sql_files.send_rows(
        SQL,
        "insert_reports",
        ordering_sites=[one.facts.ordering_site_id for one in new],
        laboratories=[one.facts.laboratory_id for one in new],
        orders=[one.facts.order_id for one in new],
        patients=[one.facts.patient_id for one in new],
        versions=[one.version for one in new],
        kinds=[one.kind for one in new],
        contents=[orjson.dumps(one.content).decode() for one in new],
        by=by.key,
        at=at,
    )
    return len(kept)


def _releaser(by: Actor) -> dict[str, Any]:
    name = names_of([by.key])[by.key]
    return {"key": by.key, "name_en": name.name_en, "name_ru": name.name_ru, "is_rule": by.person_id is None}


def _render_once(report: Report, language: str) -> bytes:
    content = render(report.content, language)
    ReportDocument.objects.bulk_create(
        [
            ReportDocument(
                report=report,
                language=language,
                content=content,
                digest=hashlib.sha256(content).digest(),
                rendered_at=timezone.now(),
                ordering_site_id=report.ordering_site_id,
                laboratory_id=report.laboratory_id,
            )
        ],
        ignore_conflicts=True,
    )
    # another request may have kept its rendering first: the kept one is the document
    return bytes(ReportDocument.objects.get(report=report, language=language).content)

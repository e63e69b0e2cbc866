"""Release reports, render them once, note that they were seen."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from aliquot.flow.reports.documents.rendering import LANGUAGES, render
from aliquot.flow.reports.models import Report, ReportDocument
from aliquot.flow.reports.rules.composition import Composition, OrderFacts, compose
from aliquot.flow.specimens.rules.acceptance import findings_words
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.months.queries import where_it_lies
from aliquot.registers.people.queries import names_of

SQL = Path(__file__).parent / "sql"


def release_reports(order_ids: Iterable[int], *, by: Actor, at: datetime) -> int:
    """Compose and keep the next report of each order; return how many were new.

    Only released results are read. An order about which nothing new can be said gets no version, so the same
    event may come twice. Records "report_released" with the orders' ids.
    """
    ids = sorted(set(order_ids))
    if not ids:
        return 0
    sql_files.fetch_rows(SQL, "lock_orders", orders=ids)
    facts = sql_files.fetch(OrderFacts, SQL, "read_facts", orders=ids)
    _require_values(facts)
    _put_into_words(facts)
    releaser = _releaser(by)
    composed = [compose(one, released_at=at, released_by=releaser) for one in facts]
    new = [one for one in composed if one is not None]
    kept = _keep(new, by=by, at=at)
    record_events("report_released", (one.facts.order_id for one in new), at=at)
    return kept


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


def _put_into_words(facts: Iterable[OrderFacts]) -> None:
    """What the rules of the intake found is frozen in both languages of a report."""
    for rejection in (item["rejection"] for one in facts for item in one.items if item["rejection"]):
        for language in LANGUAGES:
            with translation.override(language):
                rejection[f"findings_{language}"] = findings_words(rejection["findings"], _)


def _keep(new: list[Composition], *, by: Actor, at: datetime) -> int:
    if not new:
        return 0
    rows = [
        {
            "ordering_site_id": one.facts.ordering_site_id,
            "laboratory_id": one.facts.laboratory_id,
            "order_id": one.facts.order_id,
            "patient_id": one.facts.patient_id,
            "version": one.version,
            "kind": one.kind,
            "content": one.content,
        }
        for one in new
    ]
    return sql_files.execute(SQL, "insert_reports", rows=orjson.dumps(rows).decode(), by=by.key, at=at)


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

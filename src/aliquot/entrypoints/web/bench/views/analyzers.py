"""Analyzers: when each was last heard, what it sent, and its bytes beside what was understood."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from aliquot.entrypoints.web.bench.forms import PreloadForm
from aliquot.entrypoints.web.bench.lines import hour_columns, line_rows, reached_bars
from aliquot.entrypoints.web.bench.pages import bench_page, is_part, midnight
from aliquot.entrypoints.web.bench.sessions import (
    conversation_rows,
    gists_of,
    message_rows,
    session_lines,
)
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.instruments.models import Analyzer, Message
from aliquot.flow.instruments.queries import (
    AnalyzerState,
    WatchedLine,
    analyzer_states,
    latest_messages,
    watched_lines,
)
from aliquot.flow.instruments.queries.traffic import ledger_since, messages_by_hour
from aliquot.flow.instruments.rules.driver import load

LOOKING = "view_reading"
LATEST = 40
"""Messages that the page of an analyzer lists."""


@needs(LOOKING)
def analyzers(request: SignedRequest) -> HttpResponse:
    """Every analyzer of the laboratory, those that need a person first."""
    now = timezone.now()
    states = analyzer_states(request.place.pk, since=midnight(request))
    watched = {one.health.analyzer_id: one for one in watched_lines(at=now, site_id=request.place.pk)}
    lines = line_rows(watched.values(), at=now)
    rows = [(one, lines.get(one.id)) for one in sorted(states, key=lambda one: _calm(one, watched[one.id]))]
    context = {"rows": rows}
    if is_part(request):
        return render(request, "bench/_analyzers.html", context)
    return bench_page(request, "bench/analyzers.html", context, tab="analyzers")


def _calm(state: AnalyzerState, watched: WatchedLine) -> int:
    """How little an analyzer needs a person: 0 when nothing flows, 4 when it is switched off."""
    if not state.is_active:
        return 4
    if any(one.severity == "danger" for one in watched.alarms):
        return 0
    return 1 if watched.alarms else 2 if state.is_suspended else 3


@needs(LOOKING)
def analyzer(request: SignedRequest, code: str) -> HttpResponse:
    """One analyzer: what it sent today, what waits, its last messages; the part that renews itself alone."""
    found = _analyzer(request, code)
    context = _watched(request, found)
    if is_part(request):
        return render(request, "bench/_watched.html", context)
    context |= {"title": load(found.driver).title, "preload": PreloadForm()}
    return bench_page(request, "bench/analyzer.html", context, tab="analyzers")


def _watched(request: SignedRequest, found: Analyzer) -> dict[str, Any]:
    now, since = timezone.now(), midnight(request)
    states = analyzer_states(request.place.pk, since=since)
    lines = line_rows(watched_lines(at=now, analyzer_id=found.pk), at=now)
    hours = messages_by_hour(found.pk, since=now - timedelta(hours=24))
    latest = list(latest_messages(found.pk, limit=LATEST))
    return {
        "analyzer": found,
        "state": next(one for one in states if one.id == found.pk),
        "line": lines.get(found.pk),
        "hours": hour_columns(hours, ZoneInfo(request.place.time_zone)),
        "reached": reached_bars(ledger_since(found.pk, since=since)),
        "latest": list(zip(message_rows(latest), gists_of(latest), strict=True)),
    }


@needs(LOOKING)
def session(request: SignedRequest, code: str, message_id: int) -> HttpResponse:
    """What went over the line, byte by byte, beside what was understood of it."""
    found = _analyzer(request, code)
    message = Message.objects.filter(pk=message_id, analyzer=found).first()
    if message is None:
        raise Http404
    lines = session_lines(message_id)
    here = next(place for place, one in enumerate(lines) if one.id == message_id)
    context = {
        "analyzer": found,
        "line": lines[here],
        "lines": lines,
        "before": lines[here - 1] if here else None,
        "after": lines[here + 1] if here + 1 < len(lines) else None,
        "conversation": conversation_rows(lines[here], bytes(message.content)),
    }
    return bench_page(request, "bench/session.html", context, tab="analyzers")


def _analyzer(request: SignedRequest, code: str) -> Analyzer:
    found = Analyzer.objects.select_related("bench").filter(code=code, laboratory=request.place).first()
    if found is None:
        raise Http404
    return found

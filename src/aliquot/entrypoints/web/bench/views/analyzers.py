"""Analyzers: when each was last heard, what it sent, and its bytes beside what was understood."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.utils import timezone

from aliquot.entrypoints.web.bench.lines import hour_columns, line_rows, reached_bars
from aliquot.entrypoints.web.bench.pages import bench_page, midnight
from aliquot.entrypoints.web.bench.sessions import conversation_rows, message_rows, session_lines
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.instruments.models import Analyzer, Message
from aliquot.flow.instruments.queries import analyzer_states, latest_messages, watched_lines
from aliquot.flow.instruments.queries.traffic import ledger_since, messages_by_hour
from aliquot.flow.instruments.rules.driver import load

LOOKING = "view_reading"


@needs(LOOKING)
def analyzers(request: SignedRequest) -> HttpResponse:
    """Every analyzer of the laboratory."""
    now = timezone.now()
    states = analyzer_states(request.place.pk, since=midnight(request))
    lines = line_rows(watched_lines(at=now, site_id=request.place.pk), at=now)
    rows = [(one, lines.get(one.id)) for one in states]
    return bench_page(request, "bench/analyzers.html", {"rows": rows}, tab="analyzers")


@needs(LOOKING)
def analyzer(request: SignedRequest, code: str) -> HttpResponse:
    """One analyzer: what it sent today, what waits, its last messages."""
    found, since = _analyzer(request, code), midnight(request)
    states = analyzer_states(request.place.pk, since=since)
    now = timezone.now()
    lines = line_rows(watched_lines(at=now, analyzer_id=found.pk), at=now)
    a_day = now - timedelta(hours=24)
    context = {
        "analyzer": found,
        "state": next(one for one in states if one.id == found.pk),
        "title": load(found.driver).title,
        "line": lines.get(found.pk),
        "hours": hour_columns(messages_by_hour(found.pk, since=a_day), ZoneInfo(request.place.time_zone)),
        "reached": reached_bars(ledger_since(found.pk, since=since)),
        "latest": message_rows(latest_messages(found.pk)),
    }
    return bench_page(request, "bench/analyzer.html", context, tab="analyzers")


@needs(LOOKING)
def session(request: SignedRequest, code: str, message_id: int) -> HttpResponse:
    """What went over the line, byte by byte, beside what was understood of it."""
    found = _analyzer(request, code)
    if not Message.objects.filter(pk=message_id, analyzer=found).exists():
        raise Http404
    context = {
        "analyzer": found,
        "here": message_id,
        "lines": session_lines(message_id),
        "conversation": conversation_rows(message_id),
    }
    return bench_page(request, "bench/session.html", context, tab="analyzers")


def _analyzer(request: SignedRequest, code: str) -> Analyzer:
    found = Analyzer.objects.select_related("bench").filter(code=code, laboratory=request.place).first()
    if found is None:
        raise Http404
    return found

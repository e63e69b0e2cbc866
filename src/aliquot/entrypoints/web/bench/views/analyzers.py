"""Analyzers: when each was last heard, what it sent, and its bytes beside what was understood."""

from django.http import Http404, HttpResponse

from aliquot.entrypoints.web.bench.pages import bench_page, midnight
from aliquot.entrypoints.web.bench.sessions import message_rows, session_lines
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.instruments.models import Analyzer, Message
from aliquot.flow.instruments.queries import analyzer_states, counts_since, latest_messages
from aliquot.flow.instruments.rules.driver import load

LOOKING = "view_reading"


@needs(LOOKING)
def analyzers(request: SignedRequest) -> HttpResponse:
    """Every analyzer of the laboratory."""
    states = analyzer_states(request.place.pk, since=midnight(request))
    return bench_page(request, "bench/analyzers.html", {"states": states}, tab="analyzers")


@needs(LOOKING)
def analyzer(request: SignedRequest, code: str) -> HttpResponse:
    """One analyzer: what it sent today, what waits, its last messages."""
    found, since = _analyzer(request, code), midnight(request)
    states = analyzer_states(request.place.pk, since=since)
    context = {
        "analyzer": found,
        "state": next(one for one in states if one.id == found.pk),
        "title": load(found.driver).title,
        "counts": counts_since(found.pk, since=since),
        "latest": message_rows(latest_messages(found.pk)),
    }
    return bench_page(request, "bench/analyzer.html", context, tab="analyzers")


@needs(LOOKING)
def session(request: SignedRequest, code: str, message_id: int) -> HttpResponse:
    """What went over the line, byte by byte, beside what was understood of it."""
    found = _analyzer(request, code)
    if not Message.objects.filter(pk=message_id, analyzer=found).exists():
        raise Http404
    context = {"analyzer": found, "here": message_id, "lines": session_lines(message_id)}
    return bench_page(request, "bench/session.html", context, tab="analyzers")


def _analyzer(request: SignedRequest, code: str) -> Analyzer:
    found = Analyzer.objects.select_related("bench").filter(code=code, laboratory=request.place).first()
    if found is None:
        raise Http404
    return found

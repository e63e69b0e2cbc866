"""Old messages of an analyzer are read again by today's driver: shown first, then applied by a person."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from aliquot.entrypoints.web.bench.changes import change_rows
from aliquot.entrypoints.web.bench.forms import ReplayForm
from aliquot.entrypoints.web.bench.pages import bench_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments import actions
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.foundation.errors import Refused


@needs("match_reading")
def replay(request: SignedRequest, code: str) -> HttpResponse:
    """What today's driver would read differently in old messages."""
    with timezone.override(request.place.time_zone):  # a time is typed by the clock of the person's site
        found = get_object_or_404(Analyzer, code=code, laboratory=request.place)
        form = ReplayForm(request.POST or None, initial=_last_day())
        context: dict[str, Any] = {"analyzer": found, "form": form, "driver": load(found.driver)}
        if request.method == "POST" and form.is_valid():
            try:
                context |= _replayed(request, found, form.cleaned_data)
                form.fields["reason"].required = True  # from here on: what is applied has a reason
            except Refused as fault:
                tell_refusal(form, fault)
        status = 422 if form.errors else 200
        return bench_page(request, "bench/replay.html", context, tab="analyzers", status=status)


def _replayed(request: SignedRequest, found: Analyzer, asked: dict[str, Any]) -> dict[str, Any]:
    span = (found, asked["since"], asked["until"])
    stretch = {"after": asked["after"], "by": request.actor, "at": timezone.now()}
    if request.POST.get("step") == "apply":
        seen = request.POST.get("fingerprint", "")
        return {"done": actions.apply_replay(*span, reason=asked["reason"], fingerprint=seen, **stretch)}
    preview = actions.preview_replay(*span, **stretch)
    rows = change_rows(preview.changed)
    return {"preview": preview, "rows": rows, "filed": sum(one.is_filed for one in rows)}


def _last_day() -> dict[str, datetime]:
    now = timezone.now()
    return {"since": now - timedelta(days=1), "until": now + timedelta(minutes=1)}

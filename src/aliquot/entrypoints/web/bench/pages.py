"""What every page of the bench shows: its tabs with what waits behind each."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.access import SignedRequest
from aliquot.entrypoints.web.shell.navigation import Tab
from aliquot.flow.instruments.queries import count_quarantined
from aliquot.flow.instruments.queries.outbox import count_failed_orders
from aliquot.flow.instruments.queries.watching import stopped_lines
from aliquot.flow.results.queries import Waiting, count_waiting, count_waiting_add_ons

TABS: tuple[tuple[str, Promise, frozenset[str]], ...] = (
    ("verify", _("To verify"), frozenset({"verify_result"})),
    ("worklist", _("To measure"), frozenset({"enter_result"})),
    ("calls", _("Critical values"), frozenset({"call_critical"})),
    ("analyzers", _("Analyzers"), frozenset({"view_reading"})),
    ("orders", _("Orders to analyzers"), frozenset({"view_reading"})),
    ("quarantine", _("Not filed"), frozenset({"view_reading"})),
    ("added", _("Added tests"), frozenset({"release_result"})),
)


def bench_page(
    request: SignedRequest, template: str, context: Mapping[str, Any], *, tab: str, status: int = 200
) -> HttpResponse:
    """A page of the bench."""
    now = timezone.now()
    waiting = count_waiting(request.place.pk, at=now)
    shared: dict[str, Any] = {"tabs": tabs(request, waiting, tab), "waiting": waiting, "now": now}
    shared["stopped"] = stopped_lines(request.place.pk)
    shared["may_call"] = request.actor.may("call_critical")
    return render(request, template, shared | dict(context), status=status)


def tabs(request: SignedRequest, waiting: Waiting, opened: str) -> list[Tab]:
    """The pages this person may open; red only when a call is overdue."""
    calls = "danger" if waiting.overdue_calls else "notice"
    counts = {
        "verify": (waiting.held, "neutral"),
        "calls": (waiting.open_calls, calls),
        "added": (count_waiting_add_ons(request.place.pk), "notice"),
        "orders": (count_failed_orders(request.place.pk), "notice"),
        "quarantine": (count_quarantined(request.place.pk), "notice"),
    }
    return [
        Tab(name, words, *counts.get(name, (0, "neutral")), is_open=name == opened)
        for name, words, permissions in TABS
        if permissions & request.actor.permissions
    ]


def say(response: HttpResponse, text: object, kind: str = "good") -> HttpResponse:
    """The part, with a message beside it."""
    response["HX-Trigger"] = json.dumps({"notice": {"kind": kind, "text": str(text)}})
    return response


def is_part(request: SignedRequest) -> bool:
    """Whether the browser asks for a part of an open page."""
    return bool(request.headers.get("HX-Request"))


def midnight(request: SignedRequest) -> datetime:
    """When today began at the person's site."""
    zone = ZoneInfo(request.place.time_zone)
    return timezone.localtime(timezone.now(), zone).replace(hour=0, minute=0, second=0, microsecond=0)

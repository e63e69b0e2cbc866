"""Patient-based control: monitors with their alarms, one monitor's path, its answer, signature and end."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.monitors import words as said
from aliquot.entrypoints.web.quality.monitors.forms import AlarmForm, SignForm
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions import activate_monitor, close_alarm, retire_monitor
from aliquot.flow.quality.models import MonitorAlarm, PatientMonitor
from aliquot.flow.quality.queries.monitors import (
    alarms_of,
    designs_of,
    failure_by,
    monitor_path,
    monitored_analyzers,
    monitors_of,
    open_alarms,
)
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.registers.people.queries import names_of

READERS = ("run_control", "manage_quality", "read_indicators")
SPANS = {1: lazy("a day"), 7: lazy("a week"), 30: lazy("30 days"), 365: lazy("a year")}
USUAL = 7
AT_ONCE = 100
"""Monitors that one list shows."""
DAYS = ("first_day", "last_day")
CLOCK = "%Y-%m-%dT%H:%M"
BADGES = {"active": "good", "draft": "notice", "retired": "neutral"}


@needs(*READERS)
def monitors(request: SignedRequest) -> HttpResponse:
    """What alarms now, every monitor with where it stands, the newest trials."""
    place, analyzers = request.place.pk, monitored_analyzers(request.place.pk)
    chosen = _chosen(request.GET.get("analyzer", ""), analyzers)
    found = monitors_of(place).filter(analyzer=chosen) if chosen else monitors_of(place)
    context = {
        "alarms": [(one, said.alarm_words(one)) for one in open_alarms(place)],
        "rows": [_row(one) for one in found],
        "analyzers": analyzers.items() if len(analyzers) > 1 else (),
        "chosen": chosen,
        "designs": designs_of(place),
        "may": request.actor.permissions,
    }
    return quality_page(request, "quality/monitors.html", context, tab="monitors")


@needs(*READERS)
@local_clock
def monitor(request: SignedRequest, pk: int) -> HttpResponse:
    """One monitor: an open alarm with its answer first, then its path, its alarms, its verification."""
    return _page(request, _found(request, pk))


@require_POST
@needs("run_control")
@local_clock
def answer(request: SignedRequest, pk: int) -> HttpResponse:
    """Cause and action of the open alarm; release goes on."""
    found = _found(request, pk)
    alarm = get_object_or_404(MonitorAlarm, monitor=found, closed_at=None)

    def act(given: dict[str, Any]) -> str:
        close_alarm(alarm, **given, by=request.actor, at=timezone.now())
        return _("Kept. The monitor begins anew; release goes on.")

    return _done(request, found, AlarmForm(request.POST), act, "answer")


@require_POST
@needs("manage_quality")
@local_clock
def sign(request: SignedRequest, pk: int) -> HttpResponse:
    """Switch the draft on, signed by this person."""
    found = _found(request, pk)

    def act(given: dict[str, Any]) -> str:
        activate_monitor(found, **given, by=request.actor, at=timezone.now())
        return _("Signed. The monitor is in use from now on.")

    return _done(request, found, SignForm(request.POST), act, "signing")


@require_POST
@needs("manage_quality")
def retire(request: SignedRequest, pk: int) -> HttpResponse:
    """Switch the monitor off; its path and alarms stay."""
    try:
        retire_monitor(_found(request, pk), by=request.actor, at=timezone.now())
        messages.success(request, _("Switched off. What it saw stays."))
    except Refused as fault:
        messages.error(request, fault.reason)
    return redirect("quality:monitor", pk)


def _chosen(code: str, analyzers: Mapping[Analyzer, int]) -> Analyzer | None:
    """The analyzer that was asked for; of very many monitors those of the first one, else all."""
    found = next((one for one in analyzers if one.code == code), None)
    return found or (next(iter(analyzers)) if sum(analyzers.values()) > AT_ONCE else None)


def _done(
    request: SignedRequest,
    found: PatientMonitor,
    form: Form,
    act: Callable[[dict[str, Any]], str],
    name: str,
) -> HttpResponse:
    """Do it and show the monitor again; what was refused stands in the form."""
    if form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
            return redirect("quality:monitor", found.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, **{name: form})


def _page(
    request: SignedRequest, found: PatientMonitor, *, answer: Form | None = None, signing: Form | None = None
) -> HttpResponse:
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in SPANS else USUAL
    forms = {"answer": answer or AlarmForm(), "signing": signing or SignForm()}
    context = {
        **_figures(request, found, days),
        **forms,
        "row": _row(found),
        "days": days,
        "spans": SPANS.items(),
        "may": request.actor.permissions,
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return quality_page(request, "quality/monitor.html", context, tab="monitors", status=status)


def _figures(request: SignedRequest, found: PatientMonitor, days: int) -> dict[str, Any]:
    zone, now = ZoneInfo(request.place.time_zone), timezone.now()
    alarms = list(alarms_of(found.pk))
    names = names_of([found.approved_by, found.retired_by, *(one.closed_by for one in alarms)])
    path = monitor_path(found.pk, since=now - timedelta(days=days), until=now)
    said_of = [_alarm(one, names[one.closed_by].name if one.closed_by else "") for one in alarms]
    return {
        "monitor": found,
        "drawing": said.path_drawing(found, path, alarms, zone),
        "curve": said.curve_of(found.design),
        "detection": said.detection_drawing(found.design),
        "unit": (found.test.unit_ru if is_russian() else "") or found.test.unit,
        "alarm_days": said.alarm_days_of(found.design),
        "tried": [date.fromisoformat(found.design[name]) for name in DAYS if found.design.get(name)],
        "shortfalls": said.shortfalls_of(found.design),
        "inclusion": said.inclusion_of(found.inclusion),
        "opened": next((one for one in said_of if one["alarm"].closed_at is None), None),
        "answered": [one for one in said_of if one["alarm"].closed_at],
        "approved_by": names[found.approved_by].name if found.approved_by else "",
        "retired_by": names[found.retired_by].name if found.retired_by else "",
        "design": found.designs.order_by("-id").first(),
    }


def _alarm(one: MonitorAlarm, closed_by: str) -> dict[str, Any]:
    """An alarm with its words, who answered it, and where what it puts in doubt is listed."""
    return {
        "alarm": one,
        "words": said.alarm_words(one),
        "closed_by": closed_by,
        "look_back": _look_back(one),
    }


def _look_back(alarm: MonitorAlarm) -> str:
    """The page that lists what this alarm puts in doubt."""
    failure = failure_by(alarm)
    if failure is not None:
        return f"{reverse('corrections:new-look-back')}?{urlencode({'failure': failure.pk})}"
    since = alarm.doubtful_since or alarm.found_at - timedelta(days=1)
    query = {
        "analyzer": alarm.analyzer_id,
        "test": alarm.test.code,
        "since": timezone.localtime(since).strftime(CLOCK),
        "until": timezone.localtime(alarm.closed_at or timezone.now()).strftime(CLOCK),
    }
    return f"{reverse('corrections:new-look-back')}?{urlencode(query)}"


def _row(one: PatientMonitor) -> dict[str, Any]:
    """A monitor as lists show it."""
    state = getattr(one, "monitorstate", None)
    return {
        "monitor": one,
        "words": said.words_of(one.settings),
        "limits": said.limits_of(one.settings),
        "statistic": said.number(state.statistic) if state else "—",
        "state": state,
        "kind": BADGES[one.state],
    }


def _found(request: SignedRequest, pk: int) -> PatientMonitor:
    related = PatientMonitor.objects.select_related("analyzer", "test", "monitorstate")
    return get_object_or_404(related, pk=pk, laboratory=request.place)

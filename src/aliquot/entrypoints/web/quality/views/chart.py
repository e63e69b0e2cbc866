"""The chart of a test on an analyzer, and what a person does about what it shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality import chart as drawn
from aliquot.entrypoints.web.quality.forms import AnswerForm, AsideForm, EnterForm
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions import close_violations, enter_control, set_aside_control
from aliquot.flow.quality.models import ControlLot, ControlResult, ControlViolation, ReleaseState
from aliquot.flow.quality.queries import (
    MOST_POINTS,
    SeriesPoint,
    control_months,
    control_series,
    last_failure,
    lots_in_use,
    lots_measured,
    open_plan,
    open_rejections,
    standing_lately,
    targets_in_force,
    violations_of,
)
from aliquot.flow.quality.queries.monitors import alarms_that_stop
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test

SPANS = {"30d": 30, "90d": 90, "365d": 365, "20r": 20, "60r": 60}
"""What may be looked at: so many days, or so many runs."""
LONGEST = timedelta(days=800)
MONTHS = timedelta(days=370)
RUNS_SHOWN, BROKEN_SHOWN, ASIDE_SHOWN = 20, 12, 24
OUT = ReleaseState.Control.OUT_OF_CONTROL


@dataclass(frozen=True, slots=True)
class Pair:
    """A test on an analyzer of this laboratory."""

    analyzer: Analyzer
    test: Test


def pair_at(request: SignedRequest, analyzer: str, test: str) -> Pair:
    """What the address names; 404 where it is not of this laboratory."""
    found = get_object_or_404(Analyzer, code=analyzer, laboratory=request.place)
    return Pair(found, get_object_or_404(Test, code=test))


@needs("run_control", "manage_quality", "read_indicators")
@local_clock
def chart(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """The chart with its figures; what is open stands first, with the form that answers it."""
    return _page(request, pair_at(request, analyzer, test))


@require_POST
@needs("run_control")
@local_clock
def answer(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """Cause and action for all that is open, as it was seen."""
    pair = pair_at(request, analyzer, test)
    found = open_rejections(pair.analyzer.pk, pair.test.pk)
    form = AnswerForm([one.pk for one in found], request.POST)
    return _done(request, pair, form, _answer, "answer")


@require_POST
@needs("run_control")
@local_clock
def set_aside(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """A value that does not count, with the reason."""
    pair = pair_at(request, analyzer, test)
    form = AsideForm(_countable(_series(pair, "60r")), request.POST)
    return _done(request, pair, form, _set_aside, "aside")


@require_POST
@needs("run_control")
@local_clock
def enter(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """Values of controls that no line brought."""
    pair = pair_at(request, analyzer, test)
    form = EnterForm(lots_for(request, pair), request.POST)
    return _done(request, pair, form, _enter, "enter")


Work = Callable[[SignedRequest, Pair, Any], str]


def _done(request: SignedRequest, pair: Pair, form: Form, work: Work, name: str) -> HttpResponse:
    """Do it and show the chart again; what was refused stands in the form."""
    if form.is_valid():
        try:
            with transaction.atomic():
                messages.success(request, work(request, pair, form))
            return redirect("quality:chart", pair.analyzer.code, pair.test.code)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, pair, **{name: form})


def _answer(request: SignedRequest, pair: Pair, form: AnswerForm) -> str:
    given = form.cleaned_data
    found = ControlViolation.objects.filter(pk__in=given["violation"], closed_at=None).order_by("id")
    said = {"cause": given["cause"], "action": given["action"]}
    close_violations(list(found), **said, by=request.actor, at=timezone.now())
    [stands] = standing_lately(pair.analyzer.pk, pair.test.pk, limit=1)
    if stands.qc_state == OUT:
        return _("Kept. Measure the controls again: release goes on after a good run.")
    return _("Kept. Release goes on.")


def _set_aside(request: SignedRequest, pair: Pair, form: AsideForm) -> str:
    given = form.cleaned_data
    found = get_object_or_404(ControlResult, pk=given["result"], analyzer=pair.analyzer, test=pair.test)
    set_aside_control(found, reason=given["reason"], by=request.actor, at=timezone.now())
    return _("Set aside. The value stays on the chart, hollow.")


def _enter(request: SignedRequest, pair: Pair, form: EnterForm) -> str:
    if not form.given():
        raise Refused(_("Write the value of at least one level."))
    for lot, value in form.given():
        enter_control(
            pair.analyzer,
            pair.test,
            lot,
            value,
            measured_at=form.cleaned_data["measured_at"],
            by=request.actor,
            at=timezone.now(),
        )
    return _("Kept and judged.")


def _page(
    request: SignedRequest,
    pair: Pair,
    *,
    answer: Form | None = None,
    aside: Form | None = None,
    enter: Form | None = None,
) -> HttpResponse:
    span = request.GET.get("span", "30d")
    span = span if span in SPANS else "30d"
    series = _series(pair, span)
    opened = list(open_rejections(pair.analyzer.pk, pair.test.pk).select_related("run"))
    forms = {
        "answer": answer or AnswerForm([one.pk for one in opened]),
        "aside": aside or AsideForm(_countable(series)),
        "enter": enter or EnterForm(lots_for(request, pair)),
    }
    context = {
        **_figures(request, pair, series, opened),
        **forms,
        "pair": pair,
        "span": span,
        "spans": _span_words(),
        "may": request.actor.permissions,
    }
    status = 422 if any(form.errors for form in forms.values()) else 200
    return quality_page(request, "quality/chart.html", context, tab="home", status=status)


def _figures(
    request: SignedRequest, pair: Pair, series: list[SeriesPoint], opened: list[ControlViolation]
) -> dict[str, Any]:
    """The pictures, the tables and how the test stands."""
    zone, now = ZoneInfo(request.place.time_zone), timezone.now()
    analyzer, test = pair.analyzer.pk, pair.test.pk
    violations = violations_of({one.run_id for one in series})
    closed = _telling(violations, opened)[:BROKEN_SHOWN]
    stands = standing_lately(analyzer, test, limit=1)
    failure = last_failure(analyzer, test)
    return {
        "drawing": drawn.drawing_of(series, violations, zone),
        "youden": drawn.youden_of(series),
        "keys": drawn.keys_of(series),
        "runs": drawn.runs_of(series, RUNS_SHOWN),
        "points": len(series),
        "most": MOST_POINTS if len(series) >= MOST_POINTS else 0,
        "months": control_months(analyzer, test, since=now - MONTHS, zone=zone.key),
        "opened": drawn.broken_of(opened, series),
        "alarms": alarms_that_stop(analyzer, test),
        "closed": drawn.broken_of(closed, series),
        "stands": stands[0] if stands else None,
        "failure": failure if opened or (stands and stands[0].qc_state == OUT) else None,
        "plan": open_plan(analyzer, test),
        "targets": targets_in_force(analyzer, test),
    }


def _telling(violations: list[ControlViolation], opened: list[ControlViolation]) -> list[ControlViolation]:
    """What is not open; of a rejected run the warnings go without saying."""
    rejected = {one.run_id for one in violations if one.is_rejection}
    return [
        one for one in violations if one not in opened and (one.is_rejection or one.run_id not in rejected)
    ]


def _series(pair: Pair, span: str) -> list[SeriesPoint]:
    """The values of a span in the reader's words."""
    found = _measured(pair, span)
    if pair.test.unit_text == pair.test.unit:
        return found
    return [replace(one, unit=pair.test.unit_said(one.unit)) for one in found]


def _measured(pair: Pair, span: str) -> list[SeriesPoint]:
    """The values of a span: of days, or of the newest runs."""
    now, count = timezone.now(), SPANS[span]
    if span.endswith("d"):
        return control_series(pair.analyzer.pk, pair.test.pk, since=now - timedelta(days=count))
    found = control_series(pair.analyzer.pk, pair.test.pk, since=now - LONGEST, most=count * 4)
    newest = set(sorted({one.run for one in found}, reverse=True)[:count])
    return [one for one in found if one.run in newest]


def _countable(series: list[SeriesPoint]) -> list[tuple[int, str]]:
    """The newest values that count, in words."""
    newest = [one for one in reversed(series) if one.is_counted][:ASIDE_SHOWN]
    words = _("run %(run)s, level %(level)s: %(value)s")
    return [
        (one.id, words % {"run": one.run, "level": one.level, "value": drawn.value_said(one)})
        for one in newest
    ]


def lots_for(request: SignedRequest, pair: Pair) -> list[ControlLot]:
    """The lots in use of the materials that this test is measured with; without any, or when asked, all."""
    since: datetime = timezone.now() - timedelta(days=90)
    known = {
        *targets_in_force(pair.analyzer.pk, pair.test.pk),
        *lots_measured(pair.analyzer.pk, pair.test.pk, since=since),
    }
    lots = list(lots_in_use(request.place.pk))
    materials = {one.material_id for one in lots if one.pk in known}
    if request.GET.get("lots") == "all":
        return lots
    return [one for one in lots if one.material_id in materials] or lots


def _span_words() -> list[tuple[str, str]]:
    return [(name, _span_text(count, is_of_days=name.endswith("d"))) for name, count in SPANS.items()]


def _span_text(count: int, *, is_of_days: bool) -> str:
    if is_of_days:
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    return ngettext("%(count)s run", "%(count)s runs", count) % {"count": count}

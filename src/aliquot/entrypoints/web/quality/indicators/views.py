"""The pages of indicators."""

import csv
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from aliquot.entrypoints.web.quality.indicators.asked import Asked, asked_for
from aliquot.entrypoints.web.quality.indicators.rows import (
    minutes_text,
    name_of,
    of_what,
    phases_of,
    tier_said,
    times_of,
    why_not,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.foundation.naming import is_russian
from aliquot.oversight.insight.queries import (
    Case,
    SiteFigure,
    cases_of,
    definitions,
    figures_by_month,
    figures_by_site,
    spreads_by_month,
    spreads_by_site,
    spreads_of,
    standing_of,
)
from aliquot.registers.network.models import Site
from aliquot.registers.patients.actions import note_access

CASES_SHOWN = 50
URGENT = "S"


@needs("manage_quality", "read_indicators")
def indicators(request: SignedRequest) -> HttpResponse:
    """Every indicator of a month with its year, and the times between the steps."""
    asked = asked_for(request)
    place = asked.laboratory.pk
    found = figures_by_month(place, since=asked.since, until=asked.until)
    times = spreads_of(place, since=asked.month, until=asked.until, urgency=asked.urgency)
    context = {
        "asked": asked,
        "phases": phases_of(found, asked),
        "times": times_of(times, urgent=asked.urgency == URGENT),
        "contradicting": sum(one.contradicting for one in times.values()),
        "counted": standing_of(place),
        "uncounted": [(one.code, name_of(one), why_not(one)) for one in definitions().uncounted],
    }
    return quality_page(request, "quality/indicators.html", context, tab="indicators")


@needs("manage_quality", "read_indicators")
def indicator(request: SignedRequest, code: str) -> HttpResponse:
    """One indicator: what it counts, its year, its sites with the worst first, its tubes."""
    known = definitions().indicators.get(code)
    if known is None:
        raise Http404
    asked = asked_for(request)
    place = asked.laboratory.pk
    months = [
        one for one in figures_by_month(place, since=asked.since, until=asked.until) if one.code == code
    ]
    sites = figures_by_site(place, code, since=asked.month, until=asked.until)
    context = {
        "asked": asked,
        "known": known,
        "name": name_of(known),
        "of": of_what(known),
        "months": [(one.month, one.figure, tier_said(one.figure.tier)) for one in reversed(months)],
        "sites": [(one, _site_name(one), tier_said(one.figure.tier)) for one in sites],
        **_cases(request, asked, code),
    }
    return quality_page(request, "quality/indicator.html", context, tab="indicators")


@needs("manage_quality", "read_indicators")
def time(request: SignedRequest, leg: str) -> HttpResponse:
    """One time: its year, its sites with the slowest first, its slowest tubes."""
    known = definitions().legs.get(leg)
    if known is None:
        raise Http404
    asked = asked_for(request)
    place, urgency = asked.laboratory.pk, asked.urgency
    months = spreads_by_month(place, leg, since=asked.since, until=asked.until, urgency=urgency)
    context = {
        "asked": asked,
        "known": known,
        "name": name_of(known),
        "months": [
            (month, one.n, _said(one.minutes)) for month, one in sorted(months.items(), reverse=True) if one.n
        ],
        "sites": _slow_sites(asked, leg),
        **_cases(request, asked, f"time:{leg}"),
    }
    return quality_page(request, "quality/indicator_time.html", context, tab="indicators")


@needs("manage_quality", "read_indicators")
def as_csv(request: SignedRequest) -> HttpResponse:
    """Thirteen months of every indicator as a table: one line for each month and indicator."""
    asked = asked_for(request)
    known = definitions().indicators
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = (
        f'attachment; filename="indicators-{asked.laboratory.code}-{asked.month:%Y-%m}.csv"'
    )
    answer.write("\ufeff")  # a spreadsheet takes it for UTF-8
    table = csv.writer(answer)
    table.writerow(
        ("month", "laboratory", "code", "name", "numerator", "denominator", "of", "percent", "sigma", "tier")
    )
    for one in figures_by_month(asked.laboratory.pk, since=asked.since, until=asked.until):
        if one.code in known:
            table.writerow(_line(asked, one.month, known[one.code], one.figure))
    return answer


def _line(asked: Asked, month: Any, known: Any, figure: Any) -> tuple[object, ...]:
    sigma = "" if figure.sigma is None else f"{figure.sigma:.2f}"
    rate = "" if figure.rate is None else f"{figure.rate:.4f}"
    counts = (figure.numerator, figure.denominator, of_what(known), rate, sigma, figure.tier.value)
    return (f"{month:%Y-%m}", asked.laboratory.code, known.code, name_of(known), *counts)


def _cases(request: SignedRequest, asked: Asked, code: str) -> dict[str, Any]:
    """The tubes behind a figure, a page of them; that they were read is noted."""
    text = request.GET.get("skip", "")
    skipped = min(int(text), 10**9) if text.isascii() and text.isdigit() else 0
    span: dict[str, Any] = {"since": asked.month, "until": asked.until, "site_id": asked.site_id}
    found = cases_of(asked.laboratory.pk, code, **span, limit=CASES_SHOWN + 1, skipped=skipped)
    shown = found[:CASES_SHOWN]
    note_access(
        [one.patient_id for one in shown if one.patient_id], "indicator", by=request.actor, at=timezone.now()
    )
    more = skipped + CASES_SHOWN if len(found) > CASES_SHOWN else None
    site = Site.objects.filter(pk=asked.site_id).first() if asked.site_id else None
    return {"cases": [(one, _site_name(one), _minutes(one)) for one in shown], "more": more, "site": site}


def _slow_sites(asked: Asked, leg: str) -> list[tuple[Site, int, list[str]]]:
    found = spreads_by_site(
        asked.laboratory.pk, leg, since=asked.month, until=asked.until, urgency=asked.urgency
    )
    sites = Site.objects.in_bulk(list(found))
    ordered = sorted(
        ((key, one) for key, one in found.items() if one.n), key=lambda pair: -pair[1].minutes[2]
    )
    return [(sites[key], one.n, _said(one.minutes)) for key, one in ordered]


def _said(minutes: tuple[float, ...]) -> list[str]:
    return [minutes_text(one) for one in minutes]


def _minutes(one: Case) -> str:
    return "" if one.minutes is None else minutes_text(one.minutes)


def _site_name(one: Case | SiteFigure) -> str:
    return (is_russian() and one.site_ru) or one.site_en

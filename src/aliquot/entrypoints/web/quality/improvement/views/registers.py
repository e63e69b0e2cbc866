"""Internal audits, the register of risks, and which causes come most often."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.improvement import forms
from aliquot.entrypoints.web.quality.improvement.pictures import matrix_picture, pareto_picture
from aliquot.entrypoints.web.quality.improvement.words import asked, cause_words, level_said
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.entrypoints.web.shell.wording import month_text
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.oversight.improvement import actions, queries
from aliquot.oversight.improvement.documents.rendering import LANGUAGES, render_audit
from aliquot.oversight.improvement.models import Audit, AuditItem, Risk
from aliquot.oversight.improvement.rules.pareto import pareto
from aliquot.oversight.improvement.rules.risks import Rating
from aliquot.registers.people.queries import names_of

TAB = "nonconformities"
READERS = ("manage_quality", "work_nonconformity", "run_control", "read_indicators")
MONTHS = 12
REVIEWED_IN = timedelta(days=365)
Given = Mapping[str, Any]


@needs(*READERS)
def audits(request: SignedRequest) -> HttpResponse:
    """The audits of the laboratory, the newest first."""
    context = {"audits": queries.audits_of(request.place.pk), "may": request.actor.permissions}
    return quality_page(request, "quality/improvement/audits.html", context, tab=TAB)


@needs("manage_quality")
@local_clock
def new_audit(request: SignedRequest) -> HttpResponse:
    """An audit is planned: which part, who, when, which clauses."""
    known = {one.clause: one for one in queries.questions()}
    choices = [(clause, asked(one)) for clause, one in known.items()]
    form = forms.AuditForm(choices, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        questions = [known[clause] for clause in given["clauses"]]
        said: Any = {"by": request.actor, "at": timezone.now()}
        try:
            made = actions.plan_audit(
                request.place, given["scope"], given["auditor"], given["planned_on"], questions, **said
            )
            return redirect("quality:audit", made.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _form_page(request, "audit_new", form)


@needs(*READERS)
def audit(request: SignedRequest, pk: int) -> HttpResponse:
    """An audit: its questions one by one, then its report."""
    return _audit_page(request, _audit(pk))


@needs(*READERS)
def audit_report(request: SignedRequest, pk: int, language: str) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """The printed report of an audit that is reported."""
    found = _audit(pk)
    if found.state != Audit.State.REPORTED or language not in LANGUAGES:
        raise Http404
    content = render_audit(found, queries.items_of(pk), language)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="internal-audit-{pk}-{language}.pdf"'
    return answer


@require_POST
@needs("manage_quality")
def audit_step(request: SignedRequest, pk: int, step: str) -> HttpResponse:
    """An audit is begun, reported or given up."""
    found, form = _audit(pk), forms.SummaryForm(request.POST)
    taken = {"begin": None, "report": actions.report_audit, "cancel": actions.cancel_audit}
    if step not in taken or not form.is_valid():
        raise Http404
    said: Any = {"by": request.actor, "at": timezone.now()}
    try:
        act = taken[step]
        act(pk, form.cleaned_data["summary"], **said) if act else actions.begin_audit(pk, **said)
        return redirect("quality:audit", pk)
    except Refused as fault:
        tell_refusal(form, fault)
    return _audit_page(request, found, summary=form)


@require_POST
@needs("manage_quality")
def finding(request: SignedRequest, pk: int) -> HttpResponse:
    """A question is answered; a minor or major finding opens a nonconformity."""
    item = AuditItem.objects.select_related("audit").filter(pk=pk).first()
    if item is None:
        raise Http404
    form = forms.FindingForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.answer_item(pk, given["verdict"], given["evidence"], by=request.actor, at=timezone.now())
            return redirect("quality:audit", item.audit_id)
        except Refused as fault:
            tell_refusal(form, fault)
    return _audit_page(request, item.audit, finding=form)


@needs(*READERS)
def risks(request: SignedRequest) -> HttpResponse:
    """The register: the matrix with every risk in it, then each with what controls it."""
    known, today = queries.risks_of(request.place.pk), request.place.day_of(timezone.now())
    lines = [
        (one, level_said(one.before.level), level_said(one.after.level) if one.after else None,
         one.state != Risk.State.RETIRED and one.review_on < today)
        for one in known
    ]  # fmt: skip
    shown = [one for one in known if one.state != Risk.State.RETIRED]
    context = {"lines": lines, "matrix": matrix_picture(shown), "may": request.actor.permissions}
    return quality_page(request, "quality/improvement/risks.html", context, tab=TAB)


@needs("manage_quality")
@local_clock
def new_risk(request: SignedRequest) -> HttpResponse:
    """A risk is entered."""
    review = request.place.day_of(timezone.now()) + REVIEWED_IN
    form = forms.HazardForm(request.POST or None, initial={"review_on": review})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        hazard = actions.Hazard(
            given["step"], given["hazard"], given["harm"], _rating(given), given["review_on"]
        )
        try:
            made = actions.enter_risk(request.place, hazard, by=request.actor, at=timezone.now())
            return redirect("quality:risk", made.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _form_page(request, "risk_new", form)


@needs(*READERS)
@local_clock
def risk(request: SignedRequest, pk: int) -> HttpResponse:
    """A risk: before, what stands against it, after; its events and reviews."""
    return _risk_page(request, _risk(pk), {})


RISK_STEPS: Mapping[str, tuple[type[Form], Callable[[int, Given, Actor, datetime], object]]] = {
    "control": (
        forms.ControlForm,
        lambda pk, given, by, at: actions.add_control(pk, given["what"], given["reference"], by=by, at=at),
    ),
    "rate": (
        forms.RateForm,
        lambda pk, given, by, at: actions.rate_risk(pk, _rating(given), given["note"], by=by, at=at),
    ),
    "accept": (
        forms.DecisionForm,
        lambda pk, given, by, at: actions.accept_risk(pk, given["decision"], by=by, at=at),
    ),
    "review": (
        forms.ReviewForm,
        lambda pk, given, by, at: actions.review_risk(pk, given["note"], given["review_on"], by=by, at=at),
    ),
    "retire": (
        forms.DecisionForm,
        lambda pk, given, by, at: actions.retire_risk(pk, given["decision"], by=by, at=at),
    ),
}


@require_POST
@needs("manage_quality")
@local_clock
def risk_step(request: SignedRequest, pk: int, step: str) -> HttpResponse:
    """A control is added, the risk rated, accepted, reviewed or found gone."""
    found = _risk(pk)
    if step not in RISK_STEPS:
        raise Http404
    kind, act = RISK_STEPS[step]
    form = kind(request.POST, auto_id=f"{step}-%s")
    if form.is_valid():
        try:
            act(pk, form.cleaned_data, request.actor, timezone.now())
            return redirect("quality:risk", pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _risk_page(request, found, {step: form})


@needs(*READERS)
def causes(request: SignedRequest) -> HttpResponse:
    """Which causes come most often in a year, and month by month."""
    place, now = request.place, timezone.now()
    since = _first_day(place.day_of(now))
    begin = datetime(since.year, since.month, 1, tzinfo=ZoneInfo(place.time_zone))
    found = queries.causes_by_month(place.pk, since=begin, time_zone=place.time_zone)
    by_month: dict[date, Counter[str]] = defaultdict(Counter)
    for one in found:
        by_month[one.month][one.cause] += one.count
    total: Counter[str] = sum(by_month.values(), Counter())
    known = pareto({cause: count for cause, count in total.items() if cause})
    order = [one.name for one in known] + ([""] if total[""] else [])
    rows = [
        (month_text(f"{month:%Y-%m}"), [counts[cause] for cause in order], sum(counts.values()))
        for month, counts in sorted(by_month.items(), reverse=True)
    ]
    heads = [cause_words(cause) for cause in order]
    context = {"picture": pareto_picture(known), "heads": heads, "rows": rows, "unknown": total[""]}
    return quality_page(request, "quality/improvement/causes.html", context, tab=TAB)


def _first_day(today: date) -> date:
    """The first day of the month eleven months ago."""
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _form_page(request: SignedRequest, template: str, form: Form) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form}
    return quality_page(request, f"quality/improvement/{template}.html", context, tab=TAB, status=status)


def _audit_page(
    request: SignedRequest,
    found: Audit,
    *,
    summary: forms.SummaryForm | None = None,
    finding: forms.FindingForm | None = None,
) -> HttpResponse:
    items = queries.items_of(found.pk)
    names = names_of({one.answered_by for one in items} | {found.planned_by, found.ended_by})
    following = next((one for one in items if not one.verdict), None)
    context = {
        "audit": found,
        "items": [(one, asked(one), names[one.answered_by].name) for one in items],
        "next": following,
        "next_asked": asked(following) if following else "",
        "answered": sum(bool(one.verdict) for one in items),
        "planned_by": names[found.planned_by].name,
        "ended_by": names[found.ended_by].name,
        "finding": finding or forms.FindingForm(),
        "summary": summary or forms.SummaryForm(),
        "may": request.actor.permissions,
        "other_language": "en" if is_russian() else "ru",
    }
    is_refused = any(one is not None and one.errors for one in (summary, finding))
    status = 422 if is_refused else 200
    return quality_page(request, "quality/improvement/audit.html", context, tab=TAB, status=status)


def _risk_page(request: SignedRequest, found: Risk, given: Mapping[str, Form]) -> HttpResponse:
    ratings = list(found.ratings.order_by("-id"))
    names = names_of({one.by for one in ratings} | {found.entered_by, found.decided_by})
    rating = found.after or found.before
    blank: dict[str, Form] = {
        name: kind(initial=_initial(name, rating), auto_id=f"{name}-%s")
        for name, (kind, _act) in RISK_STEPS.items()
    }
    context = {
        "risk": found,
        "before": level_said(found.before.level),
        "after": level_said(found.after.level) if found.after else None,
        "controls": list(found.controls.order_by("id")),
        "ratings": [(one, names[one.by].name) for one in ratings],
        "entered_by": names[found.entered_by].name,
        "decided_by": names[found.decided_by].name,
        "events": found.nonconformities.order_by("-raised_at")[:50],
        "is_late": found.review_on < request.place.day_of(timezone.now()),
        "matrix": matrix_picture([found]),
        "may": request.actor.permissions,
        **{f"{name}_form": form for name, form in (blank | dict(given)).items()},
    }
    status = 422 if any(one.errors for one in given.values()) else 200
    return quality_page(request, "quality/improvement/risk.html", context, tab=TAB, status=status)


def _initial(name: str, rating: Rating) -> dict[str, Any]:
    if name != "rate":
        return {}
    return {"severity": rating.severity, "probability": rating.probability}


def _rating(given: Given) -> Rating:
    return Rating(given["severity"], given["probability"])


def _audit(pk: int) -> Audit:
    found = queries.audit_of(pk)
    if found is None:
        raise Http404
    return found


def _risk(pk: int) -> Risk:
    found = queries.risk_of(pk)
    if found is None:
        raise Http404
    return found

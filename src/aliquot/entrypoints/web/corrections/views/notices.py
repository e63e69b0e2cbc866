"""What recipients have to acknowledge, and whom the laboratory has to telephone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.corrections.forms import PhoneForm
from aliquot.entrypoints.web.corrections.pages import corrections_page, first_tab, limits_at
from aliquot.entrypoints.web.corrections.words import Pair, as_read, pairs_of
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.reports.actions import acknowledge_notice, attempt_notice, phone_notice, see_notice
from aliquot.flow.reports.models import Notice
from aliquot.flow.reports.queries import (
    concerned_by,
    count_concerned,
    notices_open,
    notices_settled,
    notices_to_take,
)
from aliquot.foundation.errors import Refused
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import names_of

SHOWN = 100
PATIENTS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in a list: what it says, to whom, and how pressing it is."""

    notice: Notice
    pairs: list[Pair]
    results: int
    patients: int
    is_late: bool
    seen_by: str
    acknowledged_by: str


@needs("acknowledge_correction", "call_critical", "recall_result")
def home(request: SignedRequest) -> HttpResponse:
    """The first page of corrections this person may open."""
    return redirect(f"corrections:{first_tab(request)}")


@needs("acknowledge_correction")
def to_take(request: SignedRequest) -> HttpResponse:
    """Corrected results to acknowledge: old and new side by side, the most pressing first."""
    lines = _lines(notices_to_take(request.place.pk)[:SHOWN])
    _note_read(request, lines)
    context = {"lines": lines, "limits": limits_at(request.place)}
    return corrections_page(request, "corrections/to_take.html", context, tab="to-take")


@needs("acknowledge_correction", "call_critical")
def notice(request: SignedRequest, pk: int) -> HttpResponse:
    """One notice: of a look-back, with all its patients."""
    found = _notice(pk)
    see_notice(found, by=request.actor, at=timezone.now())
    return _page(request, found)


@needs("acknowledge_correction")
@require_POST
def acknowledge(request: SignedRequest, pk: int) -> HttpResponse:
    """The recipient knows; the next one is shown."""
    found = _notice(pk)
    try:
        see_notice(found, by=request.actor, at=timezone.now())
        acknowledge_notice(found, by=request.actor, at=timezone.now())
    except Refused as fault:
        return _page(request, found, fault=fault)
    return redirect("corrections:to-take")


@needs("call_critical")
def told(request: SignedRequest) -> HttpResponse:
    """Who has not acknowledged yet, and whom to telephone now; below, what was acknowledged."""
    lines, settled = _lines(notices_open(request.place.pk)[:SHOWN]), _lines(notices_settled(request.place.pk))
    _note_read(request, [*lines, *settled])
    context = {"lines": lines, "settled": settled, "limits": limits_at(request.place)}
    return corrections_page(request, "corrections/told.html", context, tab="told")


@needs("call_critical")
def phone(request: SignedRequest, pk: int) -> HttpResponse:
    """Tell a recipient by telephone, or note that nobody was reached."""
    found, form = _notice(pk), PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, now = form.cleaned_data, timezone.now()
        try:
            if request.POST.get("reached"):
                phone_notice(found, given["told_to"], given["note"], by=request.actor, at=now)
            else:
                attempt_notice(found, given["note"], by=request.actor, at=now)
            return redirect("corrections:told")
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, form=form)


def _notice(pk: int) -> Notice:
    related = ("report__order__patient", "step", "ordering_site")
    found = Notice.objects.select_related(*related).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _page(
    request: SignedRequest, found: Notice, *, fault: Refused | None = None, form: PhoneForm | None = None
) -> HttpResponse:
    rows = as_read(concerned_by(found, limit=PATIENTS, offset=_offset(request)))
    patients = {one.patient_id for one in rows} | ({found.report.patient_id} if found.report else set())
    note_access(patients, "corrections", by=request.actor, at=timezone.now())
    [line] = _lines([found])
    context: dict[str, Any] = {
        "line": line,
        "notice": found,
        "rows": rows,
        "next": _offset(request) + PATIENTS if len(rows) == PATIENTS else 0,
        "fault": fault.reason if fault else "",
        "form": form,
        "attempts": list(found.attempts.order_by("at")),
        "may_take": found.ordering_site_id in request.actor.sites
        and request.actor.may("acknowledge_correction"),
    }
    status = 422 if fault or (form and form.errors) else 200
    tab = "told" if form is not None else "to-take"
    return corrections_page(request, "corrections/notice.html", context, tab=tab, status=status)


def _note_read(request: SignedRequest, lines: Iterable[Line]) -> None:
    patients = {one.notice.report.patient_id for one in lines if one.notice.report}
    note_access(patients, "corrections", by=request.actor, at=timezone.now())


def _offset(request: SignedRequest) -> int:
    given = request.GET.get("after", "")
    return int(given) if given.isdecimal() else 0


def _lines(notices: Any) -> list[Line]:
    found, now = list(notices), timezone.now()
    names = names_of([one.seen_by for one in found] + [one.acknowledged_by for one in found])
    return [
        Line(
            notice=one,
            pairs=pairs_of(one),
            results=counted[0],
            patients=counted[1],
            is_late=one.acknowledged_at is None and one.due_at < now,
            seen_by=names[one.seen_by].name if one.seen_by else "",
            acknowledged_by=names[one.acknowledged_by].name if one.acknowledged_by else "",
        )
        for one in found
        for counted in [count_concerned(one) if one.step_id else (0, 0)]
    ]

"""Management reviews: assembled from what is recorded, decided on, signed, followed up."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.accreditation.forms import DoneForm, EntryForm, MeetingForm, SignForm
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.oversight.accreditation import actions, queries
from aliquot.oversight.accreditation.documents.contents import assembled, read_digest
from aliquot.oversight.accreditation.documents.wording import figure_lines
from aliquot.oversight.accreditation.models import ManagementReview, ReviewEntry
from aliquot.oversight.accreditation.rules.reviews import is_overdue, shifted
from aliquot.oversight.improvement.queries import people_at
from aliquot.registers.people.queries import names_of

TAB = "accreditation"
READERS = ("manage_quality", "read_indicators")
MONTHS = 12
STANDARD = "ISO 15189:2022, 8.9"


@needs(*READERS)
def home(request: SignedRequest) -> HttpResponse:
    """The reviews of the laboratory, and what of them is still to be done."""
    today, waiting = request.place.day_of(timezone.now()), queries.follow_up(request.place.pk)
    names = names_of(one.owner for one in waiting)
    context = {
        "standard": STANDARD,
        "reviews": [(one, shifted(one.until, -1)) for one in queries.reviews_of(request.place.pk)],
        "waiting": [(one, names[one.owner].name, _is_late(one, today)) for one in waiting],
        "may": request.actor.permissions,
        "me": request.actor.key,
    }
    return quality_page(request, "quality/reviews/home.html", context, tab=TAB)


@needs("manage_quality")
@local_clock
def new(request: SignedRequest) -> HttpResponse:
    """A review is opened: which months, when it is held, who takes part."""
    form = MeetingForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_review(request.place, form.meeting(), by=request.actor, at=timezone.now())
            return redirect("quality:review", made.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    status = 422 if form.errors else 200
    return quality_page(request, "quality/reviews/new.html", {"form": form}, tab=TAB, status=status)


@needs(*READERS)
@local_clock
def review(request: SignedRequest, pk: int) -> HttpResponse:
    """A review: every input with its figures and gaps, what was decided, the signature."""
    return _page(request, _review(request, pk))


@require_POST
@needs("manage_quality")
@local_clock
def add(request: SignedRequest, pk: int) -> HttpResponse:
    """A remark, a decision or an action."""
    found, form = _review(request, pk), EntryForm(_people(request), request.POST)
    if form.is_valid():
        try:
            actions.add_entry(found.pk, form.entry(), by=request.actor, at=timezone.now())
            return redirect("quality:review", pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, entry=form)


@require_POST
@needs("manage_quality")
def remove(request: SignedRequest, pk: int) -> HttpResponse:
    """An entry that was not meant is taken out."""
    found, number = _review(request, pk), request.POST.get("entry", "")
    if not (number.isascii() and number.isdigit() and len(number) < len(str(2**63))):
        raise Http404
    entry = ReviewEntry.objects.filter(pk=int(number), review=found).first()
    if entry is None:
        raise Http404
    try:
        actions.remove_entry(entry.pk, by=request.actor, at=timezone.now())
    except Refused as fault:
        messages.error(request, str(fault))
    return redirect("quality:review", pk)


@require_POST
@needs("sign_review")
@local_clock
def sign(request: SignedRequest, pk: int) -> HttpResponse:
    """Sign a review as it was read; the password is asked again."""
    found, form = _review(request, pk), SignForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        signature = actions.Signature(given["conclusion"], given["read"])
        try:
            actions.sign_review(
                found, signature, password=given["password"], by=request.actor, at=timezone.now()
            )
            messages.success(request, _("The review is signed; its minutes are ready in both languages."))
            return redirect("quality:review", pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, signing=form)


@require_POST
@needs("raise_nonconformity", "manage_quality")
def finish(request: SignedRequest, pk: int) -> HttpResponse:
    """The action of a review is done."""
    entry, form = queries.action_of(pk), DoneForm(request.POST)
    if entry is None:
        raise Http404
    words = form.cleaned_data["done_note"] if form.is_valid() else ""
    try:
        actions.finish_review_action(pk, words, by=request.actor, at=timezone.now())
        messages.success(request, _("Kept: the action is done."))
    except Refused as fault:
        messages.error(request, str(fault))
    return redirect("quality:reviews" if _may_read(request) else "start")


@needs(*READERS)
def minutes(request: SignedRequest, pk: int, language: str) -> HttpResponse:
    """The signed minutes."""
    found = queries.document_of(_review(request, pk).pk, language)
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="management-review-{pk}-{language}.pdf"'
    return answer


def _initial(request: SignedRequest) -> dict[str, Any]:
    """The twelve months that are over, held today."""
    today = request.place.day_of(timezone.now())
    this = today.replace(day=1)
    return {"since": shifted(this, -MONTHS), "until": this - timedelta(days=1), "held_on": today}


def _review(request: SignedRequest, pk: int) -> ManagementReview:
    found = queries.review_of(pk)
    if found is None or found.laboratory_id != request.place.pk:
        raise Http404
    return found


def _people(request: SignedRequest) -> list[tuple[str, str]]:
    return [(key, name.name) for key, name in people_at(request.place.pk)]


def _may_read(request: SignedRequest) -> bool:
    return any(request.actor.may(one) for one in READERS)


def _page(
    request: SignedRequest,
    found: ManagementReview,
    *,
    entry: EntryForm | None = None,
    signing: SignForm | None = None,
) -> HttpResponse:
    now, is_open = timezone.now(), found.state == ManagementReview.State.OPEN
    content, entries = assembled(found, at=now), queries.entries_of(found.pk)
    names = names_of({one.owner or one.by for one in entries} | {found.opened_by})
    today = request.place.day_of(now)
    if is_open and request.actor.may("manage_quality"):
        entry = entry or EntryForm(_people(request))
    if is_open and request.actor.may("sign_review"):
        signing = signing or SignForm(initial={"read": read_digest(content)})
    context = {
        "entry": entry,
        "signing": signing,
        "review": found,
        "last": shifted(found.until, -1),
        "inputs": [_input(one) for one in content["inputs"]],
        "entries": [(one, names[one.owner or one.by].name, _is_late(one, today)) for one in entries],
        "opened_by": names[found.opened_by].name,
        "may": request.actor.permissions,
        "me": request.actor.key,
        "other_language": "en" if is_russian() else "ru",
    }
    status = 422 if any(form is not None and form.errors for form in (entry, signing)) else 200
    return quality_page(request, "quality/reviews/review.html", context, tab=TAB, status=status)


def _is_late(one: ReviewEntry, today: date) -> bool:
    return one.due_on is not None and is_overdue(one.due_on, today, is_done=one.done_at is not None)


def _input(one: dict[str, Any]) -> dict[str, Any]:
    language = "ru" if is_russian() else "en"
    return {
        "letter": one["letter"],
        "name": one[f"name_{language}"],
        "of_2012": one["of_2012"],
        "missing": one[f"missing_{language}"],
        "lines": figure_lines(one["figures"]),
        "remarks": [entry["what"] for entry in one["entries"] if entry["kind"] == ReviewEntry.Kind.REMARK],
    }

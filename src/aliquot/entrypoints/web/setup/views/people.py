"""People, who employs them, and what they are at which site since when."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import AssignmentForm, PasswordForm, PersonForm
from aliquot.entrypoints.web.setup.operating import EmploymentForm
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.registers.people import actions
from aliquot.registers.people.models import Assignment, Employment, Person
from aliquot.registers.people.queries import assignments_at


@needs("manage_people")
def people(request: SignedRequest) -> HttpResponse:
    """Everybody who may sign in, with today's roles."""
    held: dict[int, list[Assignment]] = {}
    for one in assignments_at(timezone.now()).select_related("site").order_by("id"):
        held.setdefault(one.person_id, []).append(one)
    rows = [(one, held.get(one.pk, [])) for one in Person.objects.order_by("-is_active", "username")]
    return render(request, "setup/people.html", {"rows": rows, "form": PersonForm()})


@require_POST
@needs("manage_people")
def add(request: SignedRequest) -> HttpResponse:
    """A new person."""
    form = PersonForm(request.POST)
    if _done(form, lambda: actions.add_person(**form.cleaned_data, by=request.actor, at=timezone.now())):
        return redirect("setup:person", form.cleaned_data["username"])
    return render(request, "setup/people.html", {"rows": [], "form": form, "is_adding": True}, status=422)


@needs("manage_people")
def person(request: SignedRequest, username: str) -> HttpResponse:
    """One person: roles, password, whether they may sign in."""
    return _page(request, _person(username))


@require_POST
@needs("manage_people")
def assign(request: SignedRequest, username: str) -> HttpResponse:
    """A role at a site."""
    found, form = _person(username), AssignmentForm(request.POST)
    with timezone.override(request.place.time_zone):  # a time is typed by the clock of the person's site
        form.full_clean()
    if _done(
        form, lambda: actions.assign_role(found, **form.cleaned_data, by=request.actor, at=timezone.now())
    ):
        messages.success(request, _("The role is given."))
        return redirect("setup:person", username)
    return _page(request, found, assignment=form)


@require_POST
@needs("manage_people")
def end(request: SignedRequest, username: str, pk: int) -> HttpResponse:
    """The role ends now."""
    held = get_object_or_404(Assignment, pk=pk, person__username=username)
    try:
        actions.end_assignment(held, by=request.actor, at=timezone.now())
    except Refused as fault:
        return _page(request, _person(username), fault=fault)
    messages.success(request, _("The role has ended."))
    return redirect("setup:person", username)


@require_POST
@needs("manage_people")
@local_clock
def employ(request: SignedRequest, username: str) -> HttpResponse:
    """An organisation employs the person."""
    found, form = _person(username), EmploymentForm(request.POST, auto_id="employment-%s")
    if _done(
        form, lambda: actions.employ_person(found, **form.cleaned_data, by=request.actor, at=timezone.now())
    ):
        messages.success(request, _("The employment is recorded."))
        return redirect("setup:person", username)
    return _page(request, found, employment=form)


@require_POST
@needs("manage_people")
def leave(request: SignedRequest, username: str, pk: int) -> HttpResponse:
    """The employment ends now."""
    held, now = get_object_or_404(Employment, pk=pk, person__username=username), timezone.now()
    try:
        actions.end_employment(held, until=now, by=request.actor, at=now)
    except Refused as fault:
        return _page(request, _person(username), fault=fault)
    messages.success(request, _("The employment has ended."))
    return redirect("setup:person", username)


@require_POST
@needs("manage_people")
def password(request: SignedRequest, username: str) -> HttpResponse:
    """A first or a new password."""
    found, form = _person(username), PasswordForm(request.POST)
    if _done(
        form,
        lambda: actions.set_password(
            found, form.cleaned_data["password"], by=request.actor, at=timezone.now()
        ),
    ):
        messages.success(request, _("The password is set."))
        return redirect("setup:person", username)
    return _page(request, found, secret=form)


@require_POST
@needs("manage_people")
def active(request: SignedRequest, username: str) -> HttpResponse:
    """Whether the person may sign in: the other way round from now."""
    found = _person(username)
    try:
        actions.set_active(found, is_active=not found.is_active, by=request.actor, at=timezone.now())
    except Refused as fault:
        return _page(request, found, fault=fault)
    return redirect("setup:person", username)


def _done(form: Form, action: Callable[[], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        action()
    except Refused as fault:
        tell_refusal(form, fault)
    return not form.errors


def _person(username: str) -> Person:
    return get_object_or_404(Person, username=username)


def _page(
    request: SignedRequest,
    found: Person,
    *,
    assignment: AssignmentForm | None = None,
    employment: EmploymentForm | None = None,
    secret: PasswordForm | None = None,
    fault: Refused | None = None,
) -> HttpResponse:
    now = timezone.now()
    with timezone.override(request.place.time_zone):
        blank, unemployed = AssignmentForm(), EmploymentForm(auto_id="employment-%s")
    context = {
        "person": found,
        "employments": found.employments.select_related("organisation").order_by("-since", "-id"),
        "employment_form": employment or unemployed,
        "in_force": set(assignments_at(now).filter(person=found).values_list("pk", flat=True)),
        "assignments": Assignment.objects.filter(person=found)
        .select_related("site")
        .order_by("-since", "-id"),
        "form": assignment or blank,
        "password_form": secret or PasswordForm(),
        "fault": fault,
        "now": now,
    }
    is_refused = assignment or employment or secret or fault
    return render(request, "setup/person.html", context, status=422 if is_refused else 200)

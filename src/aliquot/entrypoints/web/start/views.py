"""Signing in and out; the region at a glance."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.shell import navigation, pictures
from aliquot.entrypoints.web.shell.standing import lost_rights
from aliquot.entrypoints.web.start.forms import SignInForm
from aliquot.entrypoints.web.start.prepared import GREETER, is_demonstration, prepared_people
from aliquot.flow.instruments.queries import watched_lines
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.oversight.insight.queries import boxes_now, sites_now, stages
from aliquot.registers.people.actions import DEMO_PASSWORD
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import DOORKEEPER, laboratory_sites


def sign_in(request: HttpRequest) -> HttpResponse:
    """The door: a form, and in the demonstration a button for each prepared person."""
    form = SignInForm(request.POST or None, address=request.META.get("REMOTE_ADDR", ""))
    if request.method == "POST" and form.is_valid():
        return _enter(request, form.person)
    context = {"form": form, "people": prepared_people(), "next": request.GET.get("next", "")}
    if is_demonstration():
        form.fields["username"].widget.attrs.pop("autofocus")  # it would scroll past the prepared people
        with acting(system_actor("board", _all_laboratories())):
            context |= _glance()
    return render(request, "start/sign_in.html", context, status=422 if form.errors else 200)


@require_POST
def step_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a prepared person; only the demonstration has them."""
    if not is_demonstration():
        raise Http404
    person = authenticate(request, username=request.POST.get("username", ""), password=DEMO_PASSWORD)
    if not isinstance(person, Person):
        raise Http404
    return _enter(request, person)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """The region as this person may see it."""
    more = {"lines": _lines_in_trouble(request), "lost_rights": lost_rights(request)}
    return render(request, "start/start.html", _glance() | more)


@login_required
def glance(request: HttpRequest) -> HttpResponse:
    """The part of the start page that renews itself."""
    return render(request, "start/glance.html", _glance() | {"lines": _lines_in_trouble(request)})


def board(request: HttpRequest) -> HttpResponse:
    """The demonstration's board: counts only, no patient, no number of a tube."""
    if not is_demonstration():
        raise Http404
    with acting(system_actor("board", _all_laboratories())):
        return render(request, "start/glance.html", _glance())


def _enter(request: HttpRequest, person: Person) -> HttpResponse:
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) or person.language
    with acting(DOORKEEPER):  # nobody is signed in yet, and the moment is kept with the person
        login(request, person)
    target = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = redirect(target if target and allowed else "enter")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    translation.activate(language)
    return response


@login_required
@require_POST
def choose_place(request: HttpRequest) -> HttpResponse:
    """Work at another of one's own places; the rights are those of that place."""
    asked = request.POST.get("site", "")
    own = {str(one.pk): one.pk for one in request.places}  # type: ignore[attr-defined] # the middleware set it
    if asked not in own:
        raise Http404
    request.session["site"] = own[asked]
    return redirect("enter")


@login_required
def enter(request: HttpRequest) -> HttpResponse:
    """Where a person's work begins, by role."""
    return redirect(navigation.home_of(request.actor.roles))  # type: ignore[attr-defined] # the middleware set it


def _glance() -> dict[str, Any]:
    now = timezone.now()
    midnight = datetime.combine(now.astimezone(_zone()).date(), datetime.min.time(), _zone())
    figures = stages(now=now, since=midnight)
    return {
        "figures": figures,
        "flow": pictures.flow_of(figures),
        "sites": pictures.map_sites(sites_now()),
        "boxes": pictures.map_boxes(boxes_now(), at=now),
    }


def _lines_in_trouble(request: HttpRequest) -> int | None:
    """How many analyzers here have results or orders that do not flow; None: not this person's concern."""
    if not request.actor.may("view_reading"):  # type: ignore[attr-defined] # the middleware set it
        return None
    site = request.place.pk  # type: ignore[attr-defined] # the middleware set it
    found = watched_lines(at=timezone.now(), site_id=site)
    return sum(any(alarm.severity == "danger" for alarm in one.alarms) for one in found)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.REGION_TIME_ZONE)


def _all_laboratories() -> frozenset[int]:
    with acting(GREETER):
        return laboratory_sites()

"""Each request runs in one transaction in which the database knows who asks."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from aliquot.entrypoints.web.shell import navigation
from aliquot.flow.verification.models import Suspension
from aliquot.flow.verification.queries import suspensions_at
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import NOBODY, acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person
from aliquot.registers.people.queries import Name, names_of
from aliquot.registers.people.sign_in import DOORKEEPER, actor_for, assignments_in_force

TOLD_OF_SUSPENSIONS = frozenset({"enter_result", "verify_result", "manage_instruments"})
AGAIN = {"Retry-After": "5"}
log = logging.getLogger("aliquot.web")
Handler = Callable[[HttpRequest], HttpResponse]


def has_own_transactions(request: HttpRequest) -> bool:
    """Whether the address commits what it was sent before it works on it, and asks itself who calls."""
    return request.path_info.startswith(settings.OWN_TRANSACTIONS)


def away(request: HttpRequest) -> HttpResponse:
    """503 in plain words: nothing was changed, what was scanned is kept by the page and sent again."""
    words = gettext("The database is away for a moment. Nothing was changed; try again shortly.")
    if request.headers.get("HX-Request") or "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(words, status=503, content_type="text/plain; charset=utf-8", headers=AGAIN)
    page = format_html(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><title>Aliquot</title>'
        '<link rel="stylesheet" href="{}"><link rel="stylesheet" href="{}">'
        '<main class="plain"><div class="card"><h1>{}</h1><p><a href="{}">{}</a></p></div></main></html>',
        get_language() or "en",
        static("aliquot/tokens.css"),
        static("aliquot/layout.css"),
        words,
        request.get_full_path(),
        gettext("Try again"),
    )
    return HttpResponse(page, status=503, headers=AGAIN)


class RegionMiddleware:
    """Opens the request's transaction; a failed request leaves nothing half done."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_own_transactions(request):
            return self.get_response(request)
        try:
            with transaction.atomic():
                response = self.get_response(request)
                if response.status_code >= 500:  # noqa: PLR2004 - HTTP: the server failed
                    transaction.set_rollback(True)
        except (OperationalError, InterfaceError):
            log.exception("the database is away")
            return away(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that went away in mid-page is told in words, without asking it for anything."""
        return away(request) if isinstance(exception, OperationalError | InterfaceError) else None


class ActorMiddleware:
    """Names the actor to the page, to the actions and to the database."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_own_transactions(request):
            return self.get_response(request)
        actor, places = self._who(request)
        request.actor = actor  # type: ignore[attr-defined]
        request.places = places  # type: ignore[attr-defined]
        request.place = next((one for one in places if one.pk == actor.site_id), None)  # type: ignore[attr-defined]
        if not actor.key:
            return self.get_response(request)
        with acting(actor):
            return self.get_response(request)

    def _who(self, request: HttpRequest) -> tuple[Actor, list[Site]]:
        if not isinstance(request.user, Person) or not request.user.is_authenticated:
            return NOBODY, []
        with acting(DOORKEEPER):
            held = assignments_in_force(request.user)
        actor = actor_for(request.user, site_id=request.session.get("site"), held=held)
        return actor, list({one.site_id: one.site for one in held}.values())


def _suspended_here(actor: Actor, site: Site | None) -> list[tuple[Suspension, Name]]:
    """What is suspended where this person works, each with who did it; for those whose work it changes."""
    if site is None or not TOLD_OF_SUSPENSIONS & actor.permissions:
        return []
    found = suspensions_at(site.pk)
    names = names_of(one.by for one in found)
    return [(one, names[one.by]) for one in found]


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: the actor, the place, the navigation, the region's time zone."""
    actor = getattr(request, "actor", NOBODY)
    site = getattr(request, "place", None)
    return {
        "actor": actor,
        "place": site,
        "places": getattr(request, "places", []),
        "navigation": tuple(navigation.links(request)),
        "language": translation.get_language(),
        "suspended_here": partial(_suspended_here, actor, site),
        "region_time_zone": site.time_zone if site else settings.REGION_TIME_ZONE,
    }

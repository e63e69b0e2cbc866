"""Each request runs in one transaction in which the database knows who asks."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from aliquot.entrypoints.web.shell import navigation
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import NOBODY, acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import DOORKEEPER, actor_for

Handler = Callable[[HttpRequest], HttpResponse]


def has_own_transactions(request: HttpRequest) -> bool:
    """Whether the address commits what it was sent before it works on it, and asks itself who calls."""
    return request.path_info.startswith(settings.OWN_TRANSACTIONS)


class RegionMiddleware:
    """Opens the request's transaction; a failed request leaves nothing half done."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_own_transactions(request):
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500:  # noqa: PLR2004 - HTTP: the server failed
                transaction.set_rollback(True)
        return response


class ActorMiddleware:
    """Names the actor to the page, to the actions and to the database."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if has_own_transactions(request):
            return self.get_response(request)
        actor, site = self._who(request)
        request.actor = actor  # type: ignore[attr-defined]
        request.place = site  # type: ignore[attr-defined]
        if not actor.key:
            return self.get_response(request)
        with acting(actor):
            return self.get_response(request)

    def _who(self, request: HttpRequest) -> tuple[Actor, Site | None]:
        if not isinstance(request.user, Person) or not request.user.is_authenticated:
            return NOBODY, None
        with acting(DOORKEEPER):
            actor = actor_for(request.user, site_id=request.session.get("site"))
            site = Site.objects.filter(pk=actor.site_id or 0).first()
        return actor, site


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: the actor, the place, the navigation, the region's time zone."""
    actor = getattr(request, "actor", NOBODY)
    site = getattr(request, "place", None)
    return {
        "actor": actor,
        "place": site,
        "navigation": tuple(navigation.links(request)),
        "language": translation.get_language(),
        "region_time_zone": site.time_zone if site else settings.REGION_TIME_ZONE,
    }

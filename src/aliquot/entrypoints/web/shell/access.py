"""Who may open a page, and how a refusal is said on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.models import Site


class SignedRequest(HttpRequest):
    """A request whose person is known: ActorMiddleware has set both."""

    actor: Actor
    place: Site


View = Callable[..., HttpResponse]


def needs(*permissions: str) -> Callable[[View], View]:
    """Open a view to people who hold any of `permissions`; others sign in or are told why not (403)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            signed = cast("SignedRequest", request)
            if not signed.actor.key:
                return redirect_to_login(request.get_full_path())
            if permissions and not any(signed.actor.may(one) for one in permissions):
                raise PermissionDenied(
                    _("Your role does not allow this page. Ask the administrator for the right to it.")
                )
            try:
                return view(signed, *args, **named)
            except Forbidden as fault:
                raise PermissionDenied(fault.reason) from fault

        return guarded

    return guard


def local_clock(view: View) -> View:
    """Times that are typed and shown in the fields of this view are those of the place's own clock."""

    @wraps(view)
    def clocked(request: SignedRequest, *args: Any, **named: Any) -> HttpResponse:
        with timezone.override(request.place.time_zone):
            return view(request, *args, **named)

    return clocked


def tell_refusal(form: Form, fault: Refused) -> None:
    """Put the sentences of a refusal beside their fields, the reason on top; a lacking right is a 403."""
    if isinstance(fault, Forbidden):
        raise fault  # needs() turns it into a 403
    for name, sentence in fault.fields.items():
        form.add_error(name if name in form.fields else None, sentence)
    if fault.reason not in {sentence for errors in form.errors.values() for sentence in errors}:
        form.add_error(None, fault.reason)

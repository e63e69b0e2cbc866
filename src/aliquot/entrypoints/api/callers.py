"""Who calls: another system's account, told by HTTP Basic or a Bearer token, on every request."""

import base64
import binascii
import time
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from aliquot.entrypoints.api.problems import problem
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Role
from aliquot.registers.people.rules.attempts import Attempts
from aliquot.registers.people.sign_in import DOORKEEPER, PersonBackend, actor_for

ATTEMPTS: Final = Attempts()
CHALLENGE: Final = 'Basic realm="Aliquot", charset="UTF-8"'
_MOST_LETTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """The account that calls, and the place it works for."""

    actor: Actor
    site: Site


def identify(request: HttpRequest) -> Caller:
    """The caller, checked with argon2 each time; raises a Problem 401, 403 or 429."""
    name, password = _credentials(request.headers.get("Authorization", ""))
    address = request.META.get("REMOTE_ADDR", "")
    if seconds := ATTEMPTS.wait(name, address, time.monotonic()):
        raise problem(
            429, "throttled", "Too many wrong passwords.", "Wait, then try again.", Retry_After=str(seconds)
        )
    person = PersonBackend().authenticate(request, username=name, password=password)
    if person is None:
        ATTEMPTS.note_failure(name, address, time.monotonic())
        raise _unknown("The name or the password is wrong.")
    ATTEMPTS.forget(name, address)
    with acting(DOORKEEPER):
        actor = actor_for(person)
        site = Site.objects.select_related("laboratory").filter(pk=actor.site_id or 0).first()
    if Role.INTEGRATION not in actor.roles or site is None:
        raise problem(
            403, "forbidden", "This account is not one of another system.", "Ask for an integration account."
        )
    return Caller(actor, site)


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in ("basic", "bearer") or not token:
        raise _unknown("The request does not say who calls.")
    try:
        padded = token.strip() + "=" * (-len(token.strip()) % 4)
        said = base64.b64decode(
            padded, altchars=b"-_" if scheme.lower() == "bearer" else None, validate=True
        ).decode()
    except (binascii.Error, ValueError):
        raise _unknown("The credentials cannot be read.") from None
    name, colon, password = said.partition(":")
    if not colon or not said.isprintable() or len(said) > _MOST_LETTERS:
        raise _unknown("The credentials cannot be read.")
    return name, password


def _unknown(diagnostics: str) -> Exception:
    return problem(
        401,
        "login",
        diagnostics,
        "Send Authorization: Basic with name and password.",
        WWW_Authenticate=CHALLENGE,
    )

"""What every page of quality shows: its tabs; a page that is not served here is left out."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aliquot.entrypoints.web.shell.access import SignedRequest
from aliquot.entrypoints.web.shell.navigation import Tab

CONTROLLERS = ("run_control", "manage_quality")
READERS = ("manage_quality", "read_indicators")
TABS: tuple[tuple[str, Promise, tuple[str, ...]], ...] = (
    ("home", pgettext_lazy("tab", "Control"), (*CONTROLLERS, "read_indicators")),
    ("monitors", pgettext_lazy("tab", "Monitors"), (*CONTROLLERS, "read_indicators")),
    ("comparability", _("Comparability"), READERS),
    ("eqa", pgettext_lazy("tab", "External assessment"), (*CONTROLLERS, "read_indicators")),
    ("studies", _("Studies"), ("run_study", "sign_study", *READERS)),
    ("nonconformities", _("Nonconformities"), (*CONTROLLERS, "read_indicators", "raise_nonconformity")),
    ("indicators", _("Indicators"), READERS),
    ("accreditation", _("Accreditation"), READERS),
)
"""Each page of the workplace: the name of its address, its words, who sees it (any of these permissions)."""


def quality_page(
    request: SignedRequest, template: str, context: Mapping[str, Any], *, tab: str, status: int = 200
) -> HttpResponse:
    """A page of quality with its tabs; `tab` is the open one, named by the title beneath it."""
    found = tabs(request, tab)
    is_first = request.resolver_match is not None and request.resolver_match.url_name == tab
    within = "" if is_first else next((one.name for one in found if one.is_open), "")
    return render(request, template, {"tabs": found, "within": within, **context}, status=status)


def tabs(request: SignedRequest, opened: str) -> list[Tab]:
    """The pages that are served here and that this person may open."""
    return [
        Tab(name, words, 0, "neutral", is_open=name == opened)
        for name, words, permissions in TABS
        if any(request.actor.may(one) for one in permissions) and _is_served(name)
    ]


def _is_served(name: str) -> bool:
    try:
        reverse(f"quality:{name}")
    except NoReverseMatch:
        return False
    return True

"""The side navigation: which workplaces there are and who sees them."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Workplace:
    """One line of the navigation, for people who hold any of `permissions`; none named: for everybody."""

    name: Promise
    url_name: str
    icon: str
    permissions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Link:
    """A workplace as this person sees it on this page."""

    name: Promise
    url: str
    icon: str
    is_current: bool


WORKPLACES: tuple[Workplace, ...] = (
    Workplace(_("Ordering"), "ordering:home", "ordering", frozenset({"place_order"})),
    Workplace(_("Collection"), "collection:home", "collection", frozenset({"collect_specimen"})),
    Workplace(
        _("Transport"),
        "transport:home",
        "transport",
        frozenset({"close_box", "carry_box", "hand_over_box", "receive_box", "read_indicators"}),
    ),
    Workplace(_("Reception"), "reception:home", "reception", frozenset({"accept_specimen"})),
    Workplace(_("Bench"), "bench:home", "bench", frozenset({"enter_result", "verify_result"})),
    Workplace(_("Reports"), "reports:home", "reports", frozenset({"view_report"})),
    Workplace(
        _("Setup"),
        "setup:home",
        "setup",
        frozenset({"manage_registers", "manage_people", "manage_instruments", "read_audit"}),
    ),
)


def links(request: HttpRequest) -> Iterator[Link]:
    """The workplaces this person may enter; one whose pages this node does not serve is left out."""
    actor = getattr(request, "actor", None)
    permissions: frozenset[str] = getattr(actor, "permissions", frozenset())
    for place in WORKPLACES:
        url = _url(place.url_name)
        if url and (not place.permissions or place.permissions & permissions):
            yield Link(place.name, url, place.icon, request.path.startswith(url))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""

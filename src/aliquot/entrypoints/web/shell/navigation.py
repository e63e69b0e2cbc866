"""The side navigation: which workplaces there are and who sees them."""

from collections.abc import Collection, Iterator
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


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a workplace and how much waits on it; `kind` is a badge."""

    url_name: str
    name: Promise
    waiting: int
    kind: str
    is_open: bool


WORKPLACES: tuple[Workplace, ...] = (
    Workplace(_("Region now"), "start", "overview"),
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
        _("Corrections"),
        "corrections:home",
        "corrections",
        frozenset({"acknowledge_correction", "recall_result"}),
    ),
    Workplace(
        _("Rules"), "rules:home", "rules", frozenset({"draft_rule", "approve_rule", "suspend_autorelease"})
    ),
    Workplace(
        _("Quality"),
        "quality:home",
        "quality",
        frozenset({"run_control", "manage_quality", "read_indicators"}),
    ),
    Workplace(_("Something went wrong"), "quality:raise", "alert", frozenset({"raise_nonconformity"})),
    Workplace(_("Other regions"), "network:referrals", "network", frozenset({"refer_specimen"})),
    Workplace(_("Network of nodes"), "network:messages", "network", frozenset({"manage_federation"})),
    Workplace(
        _("Setup"),
        "setup:home",
        "setup",
        frozenset(
            {"manage_registers", "manage_people", "manage_instruments", "read_audit", "plan_operator_change"}
        ),
    ),
)


HOMES = {
    "courier": "transport:home",
    "receptionist": "reception:home",
    "technologist": "bench:worklist",
    "laboratory_doctor": "bench:home",
    "physician": "reports:home",
    "nurse": "ordering:home",
    "administrator": "setup:home",
    "quality_manager": "quality:home",
    "owner_officer": "setup:operators",
}
"""Where the day of a role begins; a role that is not here begins with the region."""


def home_of(roles: Collection[str]) -> str:
    """The address where a person with these roles begins; the region when their page is not served."""
    own = (_url(name) for role, name in HOMES.items() if role in roles)
    return next(filter(None, own), "") or _url("start")


def links(request: HttpRequest) -> Iterator[Link]:
    """The workplaces this person may enter; one whose pages this node does not serve is left out."""
    actor = getattr(request, "actor", None)
    permissions: frozenset[str] = getattr(actor, "permissions", frozenset())
    served = [(place, _url(place.url_name)) for place in WORKPLACES]
    open_ = [(p, url) for p, url in served if url and (not p.permissions or p.permissions & permissions)]
    # of two that fit, the longer one: a page of its own may lie beneath a workplace
    here = max((url for _p, url in open_ if request.path.startswith(url)), key=len, default="")
    for place, url in open_:
        yield Link(place.name, url, place.icon, url == here)


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""

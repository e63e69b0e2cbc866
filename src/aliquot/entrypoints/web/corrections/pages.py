"""What every page of corrections shows: its tabs with what waits behind each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.access import SignedRequest
from aliquot.entrypoints.web.shell.critical import limit_text
from aliquot.entrypoints.web.shell.navigation import Tab
from aliquot.flow.reports.queries import notices_open, notices_to_take
from aliquot.flow.verification.queries import correction_policy_of
from aliquot.oversight.improvement.queries import in_doubt_of
from aliquot.registers.network.models import Site

TABS: tuple[tuple[str, Promise, str], ...] = (
    ("to-take", _("To acknowledge"), "acknowledge_correction"),
    ("told", _("Not acknowledged yet"), "call_critical"),
    ("look-backs", _("Look-back"), "recall_result"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when a correction is to be acknowledged, in words, as the rules in force say."""

    pressing: str
    otherwise: str
    source: str


def limits_at(place: Site) -> Limits:
    """The limits that hold at this laboratory, or at the one that measures for this place."""
    said = correction_policy_of(place.pk if place.is_laboratory else place.laboratory_id or 0, timezone.now())
    return Limits(limit_text(said.pressing_minutes), limit_text(said.minutes), said.source)


def corrections_page(
    request: SignedRequest, template: str, context: Mapping[str, Any], *, tab: str, status: int = 200
) -> HttpResponse:
    """A page of corrections."""
    return render(request, template, {"tabs": tabs(request, tab), **context}, status=status)


def tabs(request: SignedRequest, opened: str) -> list[Tab]:
    """The pages this person may open, with how much waits; what is past its time asks for attention."""
    place, now = request.place.pk, timezone.now()
    waiting = {"to-take": notices_to_take(place), "told": notices_open(place)}
    asked = len(in_doubt_of(place)) if request.actor.may("recall_result") else 0
    return [
        Tab(
            name,
            words,
            waiting[name].count() if name in waiting else asked,
            "notice" if name in waiting and waiting[name].filter(due_at__lt=now).exists() else "neutral",
            is_open=name == opened,
        )
        for name, words, permission in TABS
        if request.actor.may(permission)
    ]


def first_tab(request: SignedRequest) -> str:
    """The address of the first page this person may open."""
    return next((name for name, _words, permission in TABS if request.actor.may(permission)), "to-take")

"""What the page of an order offers to add: tests that fit a tube that is here, and what rules propose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from aliquot.entrypoints.web.ordering.forms import AddingForm
from aliquot.entrypoints.web.shell.access import SignedRequest
from aliquot.entrypoints.web.shell.origins import origin_words
from aliquot.flow.orders.models import Order
from aliquot.flow.results.models import AddOn
from aliquot.flow.results.queries import Addable, add_ons_of, addable_tests, kept_until
from aliquot.registers.catalogue.rules.search import in_other_layout, rank_match

ADDERS = ("place_order", "release_result")
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule proposes for an order; `until` is when the tube that is here no longer serves."""

    add_on: AddOn
    origin: str
    until: datetime | None
    is_pressing: bool


def may_add(request: SignedRequest) -> bool:
    """Whether this person may add tests and agree to those that rules propose."""
    return any(request.actor.may(one) for one in ADDERS)


def adding_context(request: SignedRequest, shown: Order) -> dict[str, Any]:
    """What the page of an order says of tests that may be added, and of those that wait for consent."""
    waiting = [one for one in add_ons_of(shown.pk) if one.is_waiting]
    is_open = shown.state != Order.State.CANCELLED
    return {
        "proposals": proposals(waiting),
        "may_consent": may_add(request) and is_open,
        "may_add": may_add(request) and is_open,
        "adding": AddingForm(initial={"reason": shown.requester}, auto_id="adding-%s"),
    }


def proposals(add_ons: Iterable[AddOn]) -> list[Proposal]:
    """These proposals with the time that their tubes leave."""
    found, at = list(add_ons), timezone.now()
    until = kept_until(found, at=at) if found else {}
    return [Proposal(one, origin_words(one), until[one.pk], _is_pressing(one, until, at)) for one in found]


def _is_pressing(one: AddOn, until: dict[int, datetime | None], at: datetime) -> bool:
    """Whether less than a quarter of the tube's time is left since it was asked."""
    end = until[one.pk]
    return end is not None and end - at < (end - one.asked_at) / 4


def options(shown: Order, text: str) -> list[Addable]:
    """The first tests that fit a tube of the order: those that are like what was typed, or all by name."""
    fitting = addable_tests(shown, at=timezone.now())
    if not text:
        return sorted(fitting, key=lambda one: one.test.short)[:MOST_SHOWN]
    return (_ranked(fitting, text) or _ranked(fitting, in_other_layout(text)))[:MOST_SHOWN]


def _ranked(fitting: Iterable[Addable], text: str) -> list[Addable]:
    ranked = [(rank, one) for one in fitting if (rank := _rank(one, text)) is not None]
    return [one for _rank_, one in sorted(ranked, key=lambda found: (found[0], found[1].test.code))]


def _rank(one: Addable, text: str) -> int | None:
    test = one.test
    names = (test.short_en, test.short_ru, test.name_en, test.name_ru)
    return rank_match(text, (test.code, test.loinc), names)

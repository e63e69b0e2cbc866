"""Who has a result, and what may still be taken back, as a card shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliquot.entrypoints.web.bench.pictures import value_text
from aliquot.entrypoints.web.shell.access import SignedRequest
from aliquot.flow.results import actions
from aliquot.flow.results.models import Decision
from aliquot.flow.results.queries import Claim, claims_of, last_decisions, result_card
from aliquot.foundation.actors import Actor
from aliquot.registers.people.queries import name_of

if TYPE_CHECKING:
    from aliquot.entrypoints.web.bench.screen import Screen


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the result: this person, or the named colleague since then."""

    is_mine: bool
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What one key takes back: these results, for so many seconds more, of so many."""

    ids: list[int]
    words: str
    seconds: float
    most: float


def holder_of(request: SignedRequest, screen: "Screen", *, is_ahead: bool, at: datetime) -> Holder:
    """Who has it now that this person opened it; what is fetched ahead is nobody's."""
    result = screen.result
    if not screen.is_held or not request.actor.may("verify_result"):
        return Holder(is_mine=True)
    if is_ahead:
        return named(claims_of([result.pk], at=at).get(result.pk), request.actor)
    return named(actions.claim_result(result.pk, by=request.actor, at=at), request.actor)


def named(claim: Claim | None, actor: Actor) -> Holder:
    """A claim with the name of whose it is."""
    if claim is None or claim.by == actor.key:
        return Holder(is_mine=True)
    return Holder(is_mine=False, name=name_of(claim.by), since=claim.since)


def undo_of(actor: Actor, laboratory_id: int, *, words: str = "", at: datetime) -> Undo | None:
    """What this person may still take back here; None when there is nothing.

    `words` are of what was decided at this moment: a step that is not taken back does not lend them.
    """
    found = last_decisions(actor.key, laboratory_id, at=at)
    if not found:
        return None
    first = found[0]
    left, most = (first.until - at).total_seconds(), (first.until - first.at).total_seconds()
    said = words if words and first.at == at else _words(found)
    return Undo([one.result_id for one in found], said, left, most)


def _words(found: list[Decision]) -> str:
    if len(found) > 1:
        return ngettext("Decided: %(count)d result", "Decided: %(count)d results", len(found)) % {
            "count": len(found)
        }
    result = result_card(found[0].result_id)
    title = f"{result.test.short} {value_text(result.value_text, result.value)}" if result else ""
    said = {
        Decision.Kind.RELEASED: _("Released: %(result)s"),
        Decision.Kind.REFUSED: _("Refused: %(result)s"),
        Decision.Kind.HELD: _("Waits: %(result)s"),
    }
    return said[Decision.Kind(found[0].kind)] % {"result": title}

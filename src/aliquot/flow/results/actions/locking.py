"""Results under a person's hand: locked, and told apart from what a colleague did meanwhile."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import for_reader, kept_reasons
from aliquot.flow.verification.rules.reasons import because
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.months.queries import where_it_lies
from aliquot.registers.people.queries import name_of, names_of

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class LockedResult:
    """A result whose row, test of the order and order are held until the transaction ends."""

    id: int
    state: str
    laboratory_id: int
    order_id: int
    order_item_id: int
    value_text: str
    released_by: str
    released_at: datetime | None
    decided_at: datetime | None
    reasons: list[dict[str, Any]]
    item_state: str
    order_state: str
    order_number: str
    short_en: str
    short_ru: str

    @property
    def title(self) -> str:
        """The test and the order as a person calls them."""
        short = self.short_ru if (get_language() or "en").startswith("ru") else self.short_en
        return f"{short} {self.value_text}, {self.order_number}"


def lock_results(ids: Iterable[int], *, states: Collection[str], by: Actor) -> Sequence[LockedResult]:
    """The results, held, all of them in one of `states`; else Refused, naming who did what and when."""
    wanted = set(ids)
    rows = sql_files.fetch(LockedResult, SQL, "lock_results", ids=sorted(wanted))
    found = [replace(row, reasons=kept_reasons(row.reasons)) for row in rows]
    if where := where_it_lies(sorted(wanted - {one.id for one in found})):
        raise Refused(where)
    if len(found) != len(wanted) or any(one.laboratory_id not in by.sites for one in found):
        raise Forbidden(_("A result is not visible here. Reload the list."))
    for one in found:
        if one.state not in states:
            raise Refused(_what_happened(one))
    return found


def require_reason(reason: str) -> str:
    """The reason without blanks around it, kept with every change of this transaction; Refused when empty."""
    stripped = reason.strip()
    if not stripped:
        words = _("Write a reason: it is kept with the result.")
        raise Refused(words, fields={"reason": words})
    state_reason(stripped)
    return stripped


def stated(
    code: str, note: str, *, by: Actor, at: datetime, look_back: int | None = None, then: str = ""
) -> str:
    """Who said so of a result, when and why, as one more of its kept reasons."""
    who = names_of([by.key])[by.key]
    facts: dict[str, Any] = {"name": by.name, "name_en": who.name_en, "name_ru": who.name_ru}
    facts |= {"note": note, "at": at.isoformat(), "key": by.key}
    facts |= {"then": then} if then else {}
    facts |= {"look_back": look_back} if look_back is not None else {}
    return orjson.dumps([because(code, **facts).as_json()]).decode()


def _what_happened(one: LockedResult) -> str:
    facts = {"result": one.title, "name": _who(one), "time": moment_text(one.released_at or one.decided_at)}
    if one.state == Result.State.RELEASED:
        return _("%(result)s was already released by %(name)s at %(time)s. Reload the list.") % facts
    if one.state == Result.State.REFUSED:
        return _("%(result)s was already refused by %(name)s at %(time)s. Reload the list.") % facts
    if one.state == Result.State.SUPERSEDED:
        return _("%(result)s was replaced by a newer version. Open the newest one.") % facts
    if one.state in (Result.State.WITHDRAWN, Result.State.RECALLED):
        return _("%(result)s was withdrawn or is under investigation since %(since)s. Reload the list.") % {
            "result": one.title,
            "since": moment_text(one.decided_at),
        }
    return _("%(result)s is not ready for this: it is still being decided or waits. Reload the list.") % facts


def _who(one: LockedResult) -> str:
    """Who released it, or the program's process; a refusal keeps its name among the reasons."""
    if one.state == Result.State.REFUSED and one.reasons:
        return str(for_reader(one.reasons[-1]).get("name", ""))
    return name_of(one.released_by)


def moment_text(at: datetime | None) -> str:
    """The moment in the region's zone as a sentence names it."""
    return date_format(timezone.localtime(at), "j.m.Y H:i") if at else ""

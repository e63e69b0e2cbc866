"""Never two people on one result: who opens it has it, until he goes on or a colleague takes it over."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.results.actions.locking import moment_text
from aliquot.flow.results.queries.handling import Claim, claims_of
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.people.queries import name_of

SQL = Path(__file__).parent.parent / "sql"
LOOKS_FOR = timedelta(seconds=75)
"""A page that is open says so every twenty seconds; after three that did not come the result is free."""


def claim_result(result_id: int, *, take_over: bool = False, by: Actor, at: datetime) -> Claim | None:
    """Who has the result now: this person, unless a colleague looks at it and it is not taken over.

    None for a result that does not wait. What the person looked at before is free. A claim binds nobody's
    hands: two decisions at once are told apart by the states of the result.
    """
    by.require("verify_result")
    with transaction.atomic():
        sql_files.execute(SQL, "leave_results", result=result_id, by=by.key, at=at)
        until = at + LOOKS_FOR
        sql_files.execute(
            SQL, "claim_result", result=result_id, by=by.key, at=at, until=until, take_over=take_over
        )
        return claims_of([result_id], at=at).get(result_id)


def keep_claim(result_id: int, *, by: Actor, at: datetime) -> Claim | None:
    """Say that this person still looks at the result; who has it now, None when it no longer waits."""
    by.require("verify_result")
    until = at + LOOKS_FOR
    sql_files.execute(SQL, "claim_result", result=result_id, by=by.key, at=at, until=until, take_over=False)
    return claims_of([result_id], at=at).get(result_id)


def require_unclaimed(result_ids: Iterable[int], *, by: Actor, at: datetime) -> None:
    """Refused, with the name, when a colleague looks at one of these results now."""
    for one in claims_of(result_ids, at=at).values():
        if one.by != by.key:
            raise Refused(
                _("%(name)s looks at this result since %(time)s. Take it over first.")
                % {"name": name_of(one.by), "time": moment_text(one.since)}
            )

"""What rules suppress, or a person sees to be unfit, is drawn again: refused, rejected, a tube asked for."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aliquot.flow.results.actions.locking import LockedResult, lock_results, moment_text
from aliquot.flow.results.actions.verifying import refuse_result
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import claims_of
from aliquot.flow.results.rules.redrawing import is_suppressed, rejection_code
from aliquot.flow.specimens.actions import redraw_specimens, reject_tests
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.queries import rejection_reasons
from aliquot.registers.people.queries import name_of

SQL = Path(__file__).parent.parent / "sql"


def redraw_suppressed(ids: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Draw the tubes of these suppressed results again, for all that the rules suppressed; how many results.

    Their values are refused and stay in sight, their tests are rejected with the cause, and each tube has one
    that replaces it. Refused when the rules suppressed none, a colleague was faster, or looks at one of those
    that go with them. Source: EFLM WG-PRE.
    """
    by.require("verify_result")
    with transaction.atomic():
        asked = lock_results(ids, states=(Result.State.HELD,), by=by)
        if not asked or not all(is_suppressed(one.reasons) for one in asked):
            raise Refused(_("The rules did not suppress this value. Refuse it, or have it measured again."))
        tubes = sorted(set(_of(asked).values_list("specimen_id", flat=True)))
        return sum(_redrawn(tube, by=by, at=at) for tube in tubes)


def redraw_results(ids: Sequence[int], reason_code: str, *, by: Actor, at: datetime) -> int:
    """Draw again for these results that wait, for a reason of the list; how many results.

    As above, but for whatever a person sees: only these tests, each refused and rejected with the reason.
    """
    by.require("verify_result")
    if reason_code not in rejection_reasons():
        words = _("Choose a reason from the list.")
        raise Refused(words, fields={"reason": words})
    with transaction.atomic():
        asked = lock_results(ids, states=(Result.State.HELD,), by=by)
        found = list(_of(asked).select_related("test", "specimen").order_by("specimen_id", "id"))
        for tube in sorted({one.specimen_id for one in found}):
            _draw_again([one for one in found if one.specimen_id == tube], reason_code, by=by, at=at)
        return len(found)


def _redrawn(specimen_id: int, *, by: Actor, at: datetime) -> int:
    specimen = Specimen.objects.get(pk=specimen_id)
    held = Result.objects.filter(order_id=specimen.order_id, specimen=specimen, state=Result.State.HELD)
    related = held.select_related("test", "specimen").order_by("id")
    found = [one for one in related if is_suppressed(one.reasons)]
    _require_unclaimed(found, by=by, at=at)
    _draw_again(found, rejection_code(found[0].reasons), by=by, at=at)
    return len(found)


def _require_unclaimed(found: Sequence[Result], *, by: Actor, at: datetime) -> None:
    """Refused when a colleague looks at another result of the tube, which goes with those that were asked."""
    claims = claims_of([one.pk for one in found], at=at)
    for one in found:
        claim = claims.get(one.pk)
        if claim is not None and claim.by != by.key:
            raise Refused(
                _("%(name)s looks at %(test)s of the same tube since %(time)s. Take it over first.")
                % {"name": name_of(claim.by), "test": one.test, "time": moment_text(claim.since)}
            )


def _draw_again(found: Sequence[Result], code: str, *, by: Actor, at: datetime) -> None:
    """Refuse these results of one tube, reject their tests for the reason, ask for a tube instead."""
    words = _("%(cause)s: a new tube is drawn.") % {"cause": rejection_reasons()[code].name}
    done, specimen = [one.pk for one in found], found[0].specimen
    refuse_result(done, reason=words, by=by, at=at)
    # who draws is told at once: this is not taken back
    sql_files.execute(SQL, "end_decisions", ids=done, at=at)
    sql_files.execute(SQL, "withdraw_calls", ids=done, by=by.key, at=at)
    sql_files.execute(SQL, "repeat_tests", ids=done)  # measured no more, so that they can be rejected
    reject_tests(specimen, sorted({one.test.code for one in found}), code, words, by=by, at=at)
    redraw_specimens([specimen.number], by=by, at=at)


def _of(found: Sequence[LockedResult]) -> QuerySet[Result]:
    return Result.objects.filter(pk__in=[one.id for one in found])

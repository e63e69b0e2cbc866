"""Rounds are put into the calendar before they come, and taken out with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.models import PlannedRound
from aliquot.oversight.proficiency.rules.calendar import repeated
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

MOST_ROUNDS, MOST_MONTHS, MOST_DAYS = 24, 24, 180


@dataclass(frozen=True, slots=True)
class SchemePlan:
    """The rounds of a scheme: the first day of samples, days until results are due, how often, how many."""

    scheme: str
    first: date
    due_after: int
    tests: tuple[str, ...]
    provider: str = ""
    every_months: int = 1
    count: int = 1


def plan_scheme(plan: SchemePlan, *, laboratory: Site, by: Actor, at: datetime) -> list[PlannedRound]:
    """The rounds that a laboratory expects, each in the calendar until it is opened or dropped.

    Refused, naming the field, for a test that is not in the catalogue, and where one is planned that day.
    """
    _require_own(laboratory.pk, by)
    codes = _checked(plan)
    days = repeated(plan.first, plan.every_months, plan.count)
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=laboratory.pk)  # one plan at a time
        _check_days(plan, laboratory, days)
        return PlannedRound.objects.bulk_create(
            PlannedRound(
                laboratory=laboratory,
                scheme=plan.scheme.strip(),
                provider=plan.provider.strip(),
                tests=codes,
                samples_on=day,
                due_on=day + timedelta(days=plan.due_after),
                planned_at=at,
                planned_by=by.key,
            )
            for day in days
        )


def drop_planned(found: PlannedRound, reason: str, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - one shape
    """Expect a round no more; the reason stays with it. Refused once it is opened or dropped."""
    _require_own(found.laboratory_id, by)
    if not reason.strip():
        words = _("Say why this round is not to be expected.")
        raise Refused(words, fields={"reason": words})
    waiting = PlannedRound.objects.filter(pk=found.pk, round=None, dropped_why="")
    if not waiting.update(dropped_why=reason.strip()):
        raise Refused(_("This round was opened or dropped meanwhile. Reload the page."))


def _require_own(laboratory_id: int, by: Actor) -> None:
    by.require("manage_quality")
    if laboratory_id not in by.sites:
        raise Forbidden(_("This calendar is of another laboratory."))


def _checked(plan: SchemePlan) -> list[str]:
    """The codes of the tests as the catalogue writes them; Refused with every field that is wrong."""
    fields = {}
    if not plan.scheme.strip():
        fields["scheme"] = _("Name the scheme.")
    for name, value, most in (
        ("count", plan.count, MOST_ROUNDS),
        ("every_months", plan.every_months, MOST_MONTHS),
        ("due_after", plan.due_after, MOST_DAYS),
    ):
        if not 1 <= value <= most:
            fields[name] = _("Give a whole number from 1 to %(most)s.") % {"most": str(most)}
    asked = list(dict.fromkeys(one.casefold() for one in plan.tests))
    known = {one.casefold(): one for one in Test.objects.values_list("code", flat=True)}
    if missing := [one.upper() for one in asked if one not in known]:
        fields["tests"] = _("The catalogue has no test %(codes)s.") % {"codes": ", ".join(missing)}
    elif not asked:
        fields["tests"] = _("Name the tests of the scheme by their codes.")
    if fields:
        raise Refused(" ".join(fields.values()), fields=fields)
    return [known[one] for one in asked]


def _check_days(plan: SchemePlan, laboratory: Site, days: Sequence[date]) -> None:
    taken = PlannedRound.objects.filter(
        laboratory=laboratory, scheme=plan.scheme.strip(), samples_on__in=days, dropped_why=""
    )
    if found := sorted(taken.values_list("samples_on", flat=True)):
        shown = ", ".join(one.strftime("%d.%m.%Y") for one in found)
        words = _("The scheme has rounds on these days already: %(days)s.") % {"days": shown}
        raise Refused(words, fields={"first": words})

"""A round is arranged: its samples, what is measured in them, who takes part, until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.models import (
    Participation,
    PlannedRound,
    ProficiencyItem,
    ProficiencyRound,
    ProficiencySample,
    ProficiencyTarget,
)
from aliquot.oversight.proficiency.rules.grades import place_of
from aliquot.oversight.proficiency.rules.items import Basis, Target
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """One test of a sample, by its code, and how it is judged; `unit` in UCUM, else the test's."""

    test: str
    target: Target = field(default_factory=Target)
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """One sample with its items."""

    code: str
    items: tuple[ItemPlan, ...]
    material: str = ""


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """What a round consists of; `participants` maps ids of laboratories to their numbers in the round."""

    code: str
    submit_by: datetime
    samples: tuple[SamplePlan, ...]
    participants: Mapping[int, str]
    kind: str = ProficiencyRound.Kind.OWN.value
    scheme: str = ""
    provider: str = ""
    needed_percent: Decimal = Decimal(80)
    note: str = ""


def open_round(
    plan: RoundPlan, *, organiser: Site, planned: PlannedRound | None = None, by: Actor, at: datetime
) -> ProficiencyRound:
    """The running round with samples, items, assigned values (hidden until it is closed), participants.

    `planned` is the entry of the calendar that it was expected by.

    Refused, naming the field, for a plan that cannot be judged: a consensus of too few, an own round without
    an assigned value, a word that is not on its scale. Source: ISO/IEC 17043:2010, 4.4; ISO 13528:2015, 7.
    """
    require_organiser(organiser.pk, by)
    _check_head(plan, organiser, at)
    tests = _tests(plan)
    with transaction.atomic():
        found = ProficiencyRound.objects.create(
            organiser=organiser,
            kind=plan.kind,
            code=plan.code.strip(),
            scheme=plan.scheme.strip(),
            provider=plan.provider.strip(),
            submit_by=plan.submit_by,
            needed_percent=plan.needed_percent,
            opened_at=at,
            opened_by=by.key,
            note=plan.note.strip(),
        )
        Participation.objects.bulk_create(
            Participation(round=found, organiser=organiser, laboratory_id=laboratory, code=code.strip())
            for laboratory, code in plan.participants.items()
        )
        for sample in plan.samples:
            _keep_sample(found, sample, tests, len(plan.participants))
        if planned is not None:
            waiting = PlannedRound.objects.filter(pk=planned.pk, laboratory=organiser, round=None)
            if not waiting.filter(dropped_why="").update(round=found):
                raise Refused(_("This round of the calendar was opened or dropped meanwhile."))
        return found


def extend_round(found: ProficiencyRound, until: datetime, *, by: Actor, at: datetime) -> ProficiencyRound:
    """The round with a later deadline; Refused for one that is over, or for a deadline in the past."""
    require_organiser(found.organiser_id, by)
    if until <= at:
        _refuse("submit_by", _("The deadline must lie in the future."))
    running = ProficiencyRound.objects.filter(pk=found.pk, state=ProficiencyRound.State.OPEN)
    if not running.update(submit_by=until):
        raise Refused(_("This round is over: its deadline cannot be moved."))
    found.refresh_from_db()
    return found


def cancel_round(found: ProficiencyRound, reason: str, *, by: Actor, at: datetime) -> ProficiencyRound:
    """The round given up, with the reason; nothing of it is scored."""
    require_organiser(found.organiser_id, by)
    if not reason.strip():
        _refuse("note", _("Say why the round is given up: it is kept with the round."))
    running = ProficiencyRound.objects.filter(pk=found.pk, state=ProficiencyRound.State.OPEN)
    if not running.update(
        state=ProficiencyRound.State.CANCELLED, closed_at=at, closed_by=by.key, note=reason.strip()
    ):
        raise Refused(_("This round is over already."))
    found.refresh_from_db()
    return found


def require_organiser(organiser_id: int, by: Actor) -> None:
    """Forbidden for whoever does not manage quality at the laboratory that organises the round."""
    by.require("manage_quality")
    if organiser_id not in by.sites:
        raise Forbidden(_("This round is organised by another laboratory."))


def _check_head(plan: RoundPlan, organiser: Site, at: datetime) -> None:
    if not plan.code.strip():
        _refuse("code", _("Give the round a number or name."))
    if ProficiencyRound.objects.filter(organiser=organiser, code=plan.code.strip()).exists():
        _refuse("code", _("There is already a round with this number. Choose another."))
    if plan.kind == ProficiencyRound.Kind.PROVIDER and not plan.provider.strip():
        _refuse("provider", _("Name the provider of the round."))
    if plan.submit_by <= at:
        _refuse("submit_by", _("The deadline must lie in the future."))
    if not 0 < plan.needed_percent <= 100:  # noqa: PLR2004 - a share of a hundred
        _refuse("needed_percent", _("The needed share lies above 0 and up to 100 percent."))
    _check_participants(plan)
    _check_samples(plan)


def _check_participants(plan: RoundPlan) -> None:
    sites = {one.pk: one for one in Site.objects.filter(pk__in=plan.participants)}
    if not sites or len(sites) < len(plan.participants):
        _refuse("participants", _("Choose at least one laboratory of the network."))
    for one in sites.values():
        if not one.is_laboratory:
            _refuse("participants", _("%(site)s is no laboratory.") % {"site": one.name})
    codes = [one.strip() for one in plan.participants.values()]
    if not all(codes) or len(set(codes)) < len(codes):
        _refuse("participants", _("Every participant needs a number of its own."))


def _check_samples(plan: RoundPlan) -> None:
    codes = [one.code.strip() for one in plan.samples]
    if not codes or not all(codes) or len(set(codes)) < len(codes):
        _refuse("samples", _("A round has samples, each with a name of its own."))
    for one in plan.samples:
        tests = [item.test for item in one.items]
        if not tests or len(set(tests)) < len(tests):
            _refuse("samples", _("Sample %(sample)s: choose its tests, each once.") % {"sample": one.code})


def _tests(plan: RoundPlan) -> dict[str, Test]:
    codes = {item.test for one in plan.samples for item in one.items}
    found = {one.code: one for one in Test.objects.filter(code__in=codes)}
    if missing := sorted(codes - found.keys()):
        _refuse("samples", _("The catalogue has no test %(codes)s.") % {"codes": ", ".join(missing)})
    return found


def _keep_sample(found: ProficiencyRound, plan: SamplePlan, tests: Mapping[str, Test], count: int) -> None:
    sample = ProficiencySample.objects.create(
        round=found, organiser_id=found.organiser_id, code=plan.code.strip(), material=plan.material.strip()
    )
    for one in plan.items:
        test = tests[one.test]
        target = replace(
            one.target,
            is_quantitative=test.scale == Test.Scale.QUANTITATIVE,
            grades=one.target.grades or tuple(test.grades),
        )
        _check_target(f"{plan.code} {test.code}", target, found, count)
        item = ProficiencyItem.objects.create(
            round=found,
            sample=sample,
            organiser_id=found.organiser_id,
            test=test,
            unit=(test.unit if one.unit is None else one.unit) if target.is_quantitative else "",
            is_quantitative=target.is_quantitative,
            grades=list(target.grades),
        )
        _keep_target(item, target)


def _check_target(name: str, target: Target, found: ProficiencyRound, count: int) -> None:
    """What an own round must know before it begins; a provider says it at the end."""
    measures = (target.sigma, target.limit, target.limit_percent)
    if any(one is not None and one <= 0 for one in measures):
        _refuse("samples", _("%(item)s: sigma and limits are greater than 0.") % {"item": name})
    if target.expected and target.grades and place_of(target.expected, target.grades) is None:
        words = {"item": name, "word": target.expected, "grades": ", ".join(target.grades)}
        _refuse("samples", _("%(item)s: “%(word)s” is not on the scale: %(grades)s.") % words)
    if found.kind == ProficiencyRound.Kind.PROVIDER:
        return
    is_given = target.assigned is not None if target.is_quantitative else bool(target.expected)
    if target.basis is not Basis.CONSENSUS and not is_given:
        _refuse("samples", _("%(item)s: enter the assigned value, or choose the consensus.") % {"item": name})
    if not is_given and count < target.at_least:
        words = {"item": name, "needed": str(target.at_least), "count": str(count)}
        _refuse(
            "samples",
            _(
                "%(item)s: a consensus needs %(needed)s results and %(count)s laboratories take part."
                " Enter an assigned value, or lower the number."
            )
            % words,
        )


def _keep_target(item: ProficiencyItem, target: Target) -> None:
    ProficiencyTarget.objects.create(
        item=item,
        round_id=item.round_id,
        organiser_id=item.organiser_id,
        basis=target.basis.value,
        assigned=target.assigned,
        u_assigned=target.u_assigned,
        sigma=target.sigma,
        limit=target.limit,
        limit_percent=target.limit_percent,
        expected=target.expected,
        allowed_grades=target.allowed_grades,
        is_grouped=target.is_grouped,
        at_least=target.at_least,
        estimator=target.estimator.value,
    )


def _refuse(field_name: str, words: str) -> None:
    raise Refused(words, fields={field_name: words})

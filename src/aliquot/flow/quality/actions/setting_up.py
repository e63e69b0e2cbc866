"""Materials, lots, targets and plans: what control is held against, always from a time on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions.standing import hold_standing, settle_standing
from aliquot.flow.quality.models import ControlCount, ControlLot, ControlMaterial, ControlPlan, ControlTarget
from aliquot.flow.quality.rules.westgard.definitions import checks_named
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.rules.calculators.quantities import InputError
from aliquot.registers.network.models import Site

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a lot: its number from 1, and what analyzers call it."""

    level: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Mean and SD in the test's unit; `origin` as in ControlTarget, `runs`: how many it was computed from."""

    mean: Decimal
    sd: Decimal
    origin: str = ControlTarget.Origin.FIXED.value
    runs: int = 0
    is_floating: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a test is controlled: rules by name, levels of a run, how often, what resumes release."""

    rules: tuple[str, ...]
    warnings: tuple[str, ...] = ("1-2s",)
    levels: int = 2
    run_minutes: int = 60
    every_minutes: int | None = 24 * 60
    every_results: int | None = None
    resume: str = ControlPlan.Resume.ACTED.value
    sigma: Decimal | None = None
    note: str = ""


def add_material(
    laboratory: Site,
    name: str,
    *,
    manufacturer: str = "",
    matrix: str = "",
    by: Actor,
    at: datetime,  # noqa: ARG001 - the form of every action
) -> ControlMaterial:
    """A material that this laboratory measures; Refused when one of this name is there."""
    _check(laboratory.pk, by)
    words = _("Name the material as its package does.")
    if not name.strip():
        raise Refused(words, fields={"name": words})
    if ControlMaterial.objects.filter(laboratory=laboratory, name=name.strip()).exists():
        words = _("There is a material of this name. Add a lot to it.")
        raise Refused(words, fields={"name": words})
    return ControlMaterial.objects.create(
        laboratory=laboratory, name=name.strip(), manufacturer=manufacturer.strip(), matrix=matrix.strip()
    )


def begin_lot(
    material: ControlMaterial,
    number: str,
    levels: Sequence[Level],
    *,
    expires_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> list[ControlLot]:
    """A new lot in all its levels, in use from `at`; all or none.

    Analyzers may call it as they called the lot before: from now on the name means the newest. Refused for a
    name that means another material in use, or the same twice.
    """
    _check(material.laboratory_id, by)
    _check_lot(material, number, levels)
    with transaction.atomic():
        return [
            ControlLot.objects.create(
                laboratory_id=material.laboratory_id,
                material=material,
                number=number.strip(),
                level=one.level,
                codes=list(one.codes),
                expires_at=expires_at,
                begun_at=at,
            )
            for one in levels
        ]


def end_lot(material: ControlMaterial, number: str, *, by: Actor, at: datetime) -> int:
    """Take a lot out of use in all its levels; how many there were."""
    _check(material.laboratory_id, by)
    return ControlLot.objects.filter(material=material, number=number, ended_at=None).update(ended_at=at)


def set_target(
    lot: ControlLot, analyzer: Analyzer, test: Test, target: Target, *, by: Actor, at: datetime
) -> ControlTarget:
    """Mean and SD of a lot for a test on an analyzer from `at` on; the target before ends then and stays.

    Refused for an SD that is not above zero, or when a newer target is known: a lot has one target at a time.
    """
    _check(lot.laboratory_id, by)
    if lot.laboratory_id != analyzer.laboratory_id:
        raise Refused(_("This lot and this analyzer belong to different laboratories."))
    if not target.sd > 0:
        words = _("An SD is above zero.")
        raise Refused(words, fields={"sd": words})
    with transaction.atomic():
        held = ControlTarget.objects.select_for_update(no_key=True)  # values that name it go on coming
        now = held.filter(lot=lot, analyzer=analyzer, test=test, until=None)
        if (current := now.first()) is not None:
            if current.since >= at:
                raise Refused(_("A newer target is already known. Reload the page."))
            current.until = at
            current.save(update_fields=["until"])
        return ControlTarget.objects.create(
            laboratory_id=lot.laboratory_id,
            lot=lot,
            analyzer=analyzer,
            test=test,
            mean=target.mean,
            sd=target.sd,
            unit=test.unit,
            origin=target.origin,
            is_floating=target.is_floating,
            runs=target.runs,
            since=at,
            note=target.note.strip(),
            by=by.key,
        )


def set_plan(analyzer: Analyzer, test: Test, plan: Plan, *, by: Actor, at: datetime) -> ControlPlan:
    """How this test on this analyzer is controlled from `at` on; the release follows at once.

    Refused with the name of a rule that nobody knows or that needs more levels, without any rule that
    rejects, and without a word on when the next run is due: a test would stand in control for ever.
    """
    _check(analyzer.laboratory_id, by)
    _check_plan(plan)
    with transaction.atomic():
        hold_standing([(analyzer.pk, test.pk)])
        end_plan(analyzer, test, by=by, at=at)
        kept = ControlPlan.objects.create(
            laboratory_id=analyzer.laboratory_id,
            analyzer=analyzer,
            test=test,
            rules=list(plan.rules),
            warnings=list(plan.warnings),
            levels=plan.levels,
            run_minutes=plan.run_minutes,
            every_minutes=plan.every_minutes,
            every_results=plan.every_results,
            resume=plan.resume,
            sigma=plan.sigma,
            since=at,
            note=plan.note.strip(),
            by=by.key,
        )
        if plan.every_results is not None:
            ControlCount.objects.create(plan=kept, laboratory_id=analyzer.laboratory_id)
        settle_standing(analyzer.pk, test.pk, by=by, at=at + MOMENT)
        return kept


def end_plan(analyzer: Analyzer, test: Test, *, by: Actor, at: datetime) -> bool:
    """Control this test on this analyzer by a plan no longer; whether there was one."""
    _check(analyzer.laboratory_id, by)
    with transaction.atomic():
        hold_standing([(analyzer.pk, test.pk)])
        now = ControlPlan.objects.select_for_update().filter(analyzer=analyzer, test=test, until=None)
        if (current := now.first()) is None:
            return False
        if current.since >= at:
            raise Refused(_("A newer plan is already known. Reload the page."))
        current.until = at
        current.save(update_fields=["until"])
        settle_standing(analyzer.pk, test.pk, by=by, at=at)
        return True


def _check(laboratory_id: int, by: Actor) -> None:
    by.require("manage_quality")
    if laboratory_id not in by.sites:
        raise Forbidden(_("This belongs to another laboratory."))


def _check_lot(material: ControlMaterial, number: str, levels: Sequence[Level]) -> None:
    faults = {
        "number": "" if number.strip() else _("Write the lot's number as its package says it."),
        "levels": "" if levels else _("Add at least one level."),
    }
    if len({one.level for one in levels}) < len(levels):
        faults["levels"] = _("Each level comes once.")
    codes = [code for one in levels for code in one.codes]
    if len(set(codes)) < len(codes):
        faults["codes"] = _("Each level is called otherwise: the same name stands twice.")
    taken = ControlLot.objects.filter(
        laboratory_id=material.laboratory_id, ended_at=None, codes__overlap=codes
    ).exclude(material=material)
    if codes and (other := taken.select_related("material").first()):
        words = _("Analyzers call %(material)s so. Choose another name, or end that lot first.")
        faults["codes"] = words % {"material": other.material.name}
    if ControlLot.objects.filter(material=material, number=number.strip()).exists():
        faults["number"] = _("This lot is there already.")
    if fields := {name: words for name, words in faults.items() if words}:
        raise Refused(" ".join(fields.values()), fields=fields)


def _check_plan(plan: Plan) -> None:
    if not plan.rules:
        words = _("Choose at least one rule that rejects.")
        raise Refused(words, fields={"rules": words})
    for name in ("levels", "run_minutes", "every_minutes", "every_results"):
        if getattr(plan, name) is not None and getattr(plan, name) < 1:
            words = _("Write a whole number above zero.")
            raise Refused(words, fields={name: words})
    for name in (*plan.rules, *plan.warnings):
        try:
            needed = min(one.levels for one in checks_named(name))
        except InputError as fault:
            raise Refused(str(fault), fields={"rules": str(fault)}) from fault
        if needed > plan.levels:
            words = _("%(rule)s looks at %(levels)s levels of a run: it would never speak here.")
            words %= {"rule": name, "levels": needed}
            raise Refused(words, fields={"rules": words})
    if plan.every_minutes is None and plan.every_results is None:
        words = _("Say when a run is due: after so many minutes, or after so many patient results.")
        raise Refused(words, fields={"every_minutes": words})

"""Rounds as tests need them: an own round of the hub with its rapid-response laboratory, and who works where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.oversight.proficiency.actions import (
    ItemPlan,
    Returned,
    RoundPlan,
    SamplePlan,
    open_round,
    record_eqa_result,
)
from aliquot.oversight.proficiency.models import ProficiencyItem, ProficiencyResult, ProficiencyRound
from aliquot.oversight.proficiency.rules.items import Basis, Target
from aliquot.registers.network.models import Site
from tests.factories import NOW
from tests.regions import Region, one_with

D = Decimal
GLUCOSE = Target(Basis.REFERENCE, D("5.0"), D("0.02"), D("0.2"))
DEADLINE = NOW + timedelta(days=10)
AFTERWARDS = NOW + timedelta(days=11)


@dataclass(frozen=True, slots=True)
class Stage:
    """The hub that organises, the laboratory that takes part, and one person of each kind."""

    hub: Site
    spoke: Site
    manager: Actor
    technologist: Actor
    at_spoke: Actor


def make_stage(region: Region) -> Stage:
    """The hub's doctor manages quality; each laboratory has a technologist."""
    spoke = region.sites["TUL-NOV"]
    return Stage(
        hub=region.hub,
        spoke=spoke,
        manager=one_with(region, "laboratory_doctor", region.hub),
        technologist=one_with(region, "technologist", region.hub),
        at_spoke=one_with(region, "technologist", spoke),
    )


def make_plan(stage: Stage, **changes: Any) -> RoundPlan:
    """One sample with glucose judged by a reference value; both laboratories take part."""
    plan = RoundPlan(
        code="2026-11",
        submit_by=DEADLINE,
        samples=(SamplePlan("S1", (ItemPlan("GLUS", GLUCOSE),), "pooled serum"),),
        participants={stage.hub.pk: "01", stage.spoke.pk: "02"},
    )
    return replace(plan, **changes)


def make_round(stage: Stage, **changes: Any) -> ProficiencyRound:
    with acting(stage.manager):
        return open_round(make_plan(stage, **changes), organiser=stage.hub, by=stage.manager, at=NOW)


def items_of(found: ProficiencyRound) -> Sequence[ProficiencyItem]:
    return list(ProficiencyItem.objects.filter(round=found).select_related("test", "sample").order_by("id"))


def make_returned(
    stage: Stage, item: ProficiencyItem, text: str, *, site: Site | None = None, **changes: Any
) -> ProficiencyResult:
    """What the spoke returned, unless another site is named, entered by its technologist."""
    place = site or stage.spoke
    by = stage.at_spoke if place == stage.spoke else stage.technologist
    with acting(by):
        return record_eqa_result(item, place, Returned(text, **changes), by=by, at=NOW)

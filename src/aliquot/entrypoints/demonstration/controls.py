"""Control of the demonstration by the real actions: materials, lots, targets and plans."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aliquot.entrypoints.demonstration.menu import SETS
from aliquot.entrypoints.simulate.values import usual_values
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.quality.actions import (
    Level,
    Plan,
    Target,
    add_material,
    begin_lot,
    set_plan,
    set_target,
)
from aliquot.flow.quality.models import ControlLot, ControlMaterial, ControlPlan, ControlTarget
from aliquot.flow.quality.rules.sigma.metrics import sigma_rules
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

HISTORY = timedelta(days=30)
PANELS = (("GLUS", "CREA", "K", "NA", "CL"), ("HGB", "WBC", "PLT"), ("TSH",))
"""What was ordered in the month before: the first always, each further one by every third patient."""
MEASURED = frozenset(code for panel in PANELS for code in panel)
EVERY_MINUTES = 480
RELATIVE_SD = Decimal("0.025")
SPREAD = 0.7  # of the SD of the target: methods are better than their limits, so few runs are rejected
ABOVE = Decimal("1.5")  # times the upper limit of health: where the second level lies
SIGMAS = (Decimal("5.2"), Decimal("6.4"), Decimal("5.6"), Decimal("4.4"))
"""Methods differ: each test has one of these, always the same."""


@dataclass(frozen=True, slots=True)
class Material:
    """A control material of the hub: who measures it, and what analyzers call its levels."""

    name: str
    manufacturer: str
    matrix: str
    lot: str
    codes: tuple[str, ...]
    analyzers: tuple[str, ...]


MATERIALS = (
    Material("Chemistry control", "Demo Controls", "serum", "C2611", ("CC1", "CC2"), ("ATELLICA", "C311")),
    Material("Blood control", "Demo Controls", "whole blood", "B2611", ("BC1", "BC2"), ("XN",)),
    Material(
        "Immunoassay control", "Demo Controls", "serum", "I2611", ("IC1", "IC2"), ("CENTAUR", "IMMULITE")
    ),
)


@dataclass(frozen=True, slots=True)
class Controlled:
    """A level of a control on an analyzer: what the tube is called, and the target of each of its codes."""

    tube: str
    targets: dict[str, tuple[Decimal, Decimal]]

    def value(self, code: str, draw: random.Random) -> Decimal:
        """What is measured, in the catalogue's unit: near its mean."""
        mean, sd = self.targets[code]
        return mean + sd * Decimal(repr(draw.gauss(0, SPREAD)))


def install_controls(hub: Site, *, at: datetime) -> None:
    """Materials, lots, targets and plans of all that is ordered here; what is there stays as it is."""
    by = system_actor("installation", frozenset({hub.pk}))
    begun = at - HISTORY - timedelta(days=1)
    with acting(by, reason="set up the demonstration"):
        known = set(ControlMaterial.objects.filter(laboratory=hub).values_list("name", flat=True))
        for material in MATERIALS:
            if material.name not in known:
                made = add_material(
                    hub,
                    material.name,
                    manufacturer=material.manufacturer,
                    matrix=material.matrix,
                    by=by,
                    at=begun,
                )
                levels = [Level(number, (code,)) for number, code in enumerate(material.codes, start=1)]
                begin_lot(made, material.lot, levels, expires_at=at + timedelta(days=180), by=by, at=begun)
        for analyzer, test in _uncontrolled(hub):
            _control(analyzer, test, by=by, begun=begun, at=at)


def controls_of(analyzer_ids: Iterable[int]) -> dict[int, list[Controlled]]:
    """The controls of each analyzer with the targets in force, by the analyzer's own codes."""
    codes = {(one.analyzer_id, one.test_id): one.code for one in TestMapping.objects.all()}
    found: dict[int, dict[str, dict[str, tuple[Decimal, Decimal]]]] = {}
    targets = ControlTarget.objects.filter(until=None, lot__ended_at=None, analyzer_id__in=analyzer_ids)
    for one in targets.select_related("lot").order_by("lot__level"):
        code = codes.get((one.analyzer_id, one.test_id))
        if code is not None and one.lot.codes:
            tubes = found.setdefault(one.analyzer_id, {})
            tubes.setdefault(one.lot.codes[0], {})[code] = (one.mean, one.sd)
    return {
        analyzer: [Controlled(tube, known) for tube, known in tubes.items()]
        for analyzer, tubes in found.items()
    }


def _uncontrolled(hub: Site) -> Iterator[tuple[Analyzer, Test]]:
    """What is ordered and measured here as a number, and has no plan yet."""
    planned = set(ControlPlan.objects.filter(until=None).values_list("analyzer_id", "test_id"))
    ordered = {code for _weight, codes in SETS for code in codes}
    mapped = TestMapping.objects.filter(
        analyzer__laboratory=hub, test__code__in=ordered, test__scale="Qn"
    ).select_related("analyzer", "test")
    for one in mapped.order_by("analyzer_id", "test__code").distinct("analyzer_id", "test__code"):
        if (one.analyzer_id, one.test_id) not in planned:
            yield one.analyzer, one.test


def _control(analyzer: Analyzer, test: Test, *, by: Actor, begun: datetime, at: datetime) -> None:
    """Targets of both levels and a plan by the test's sigma."""
    material = next((one for one in MATERIALS if analyzer.code in one.analyzers), None)
    if material is None:
        return
    lots = list(ControlLot.objects.filter(number=material.lot, ended_at=None).order_by("level"))
    means = _means(test)
    for lot, mean in zip(lots, means, strict=True):
        target = Target(mean, round(mean * RELATIVE_SD, 6), origin="established", runs=20)
        set_target(lot, analyzer, test, target, by=by, at=begun)
    sigma = SIGMAS[test.pk % len(SIGMAS)]
    rules = sigma_rules(sigma).names
    plan = Plan(rules=rules, every_minutes=EVERY_MINUTES, sigma=sigma)
    set_plan(analyzer, test, plan, by=by, at=begun if test.code in MEASURED else at)


def _means(test: Test) -> tuple[Decimal, Decimal]:
    """Where the levels lie: amid the values of health, and well above them."""
    usual = usual_values().get((test.loinc, test.unit))
    low, high = (usual.low, usual.high) if usual else (1.0, 2.0)
    middle, upper = Decimal(repr(low + high)) / 2, Decimal(repr(high)) * ABOVE
    return round(middle, 4), round(upper, 4)

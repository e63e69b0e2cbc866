"""The demonstration is under control: plans and targets by the real actions, values near their means, one answer."""

import random
from datetime import timedelta
from decimal import Decimal

from aliquot.entrypoints.demonstration.controls import MEASURED, controls_of
from aliquot.entrypoints.demonstration.installation import install
from aliquot.entrypoints.demonstration.laboratory import PATIENCE, DutyTechnologist
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import ControlPlan, ControlTarget
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.flow.quality.benches import make_controlled
from tests.regions import Region, one_with


def test_what_is_ordered_is_planned_and_has_targets_of_both_levels_once(region: Region) -> None:
    install(at=NOW)
    with acting(region.worker):
        plans = ControlPlan.objects.filter(until=None)
        codes = set(plans.values_list("analyzer__code", "test__code"))
        assert {("C311", "K"), ("XN", "HGB"), ("IMMULITE", "TSH")} <= codes
        assert ControlTarget.objects.filter(until=None).count() == 2 * plans.count()
        assert {one.test.code for one in plans.filter(since__lt=NOW).select_related("test")} == MEASURED
    install(at=NOW + timedelta(days=1))
    with acting(region.worker):
        assert set(plans.values_list("analyzer__code", "test__code")) == codes


def test_an_analyzer_knows_its_controls_by_its_own_codes(region: Region) -> None:
    install(at=NOW)
    with acting(region.worker):
        xn = Analyzer.objects.get(code="XN")
        low, high = controls_of([xn.pk])[xn.pk]
    assert (low.tube, high.tube) == ("BC1", "BC2")
    assert "HGB" in low.targets
    mean, sd = low.targets["HGB"]
    values = [low.value("HGB", random.Random(seed)) for seed in range(200)]
    assert abs(sum(values, Decimal(0)) / len(values) - mean) < sd / 3
    assert max(abs(one - mean) for one in values) < 3 * sd
    assert high.targets["HGB"][0] > mean * Decimal("1.2")


def test_a_failed_control_is_answered_when_no_visitor_does(region: Region) -> None:
    bench = make_controlled(region)
    bench.run(0.1, 3.6)
    duty = DutyTechnologist(one_with(region, "technologist", region.hub))
    with acting(duty.technologist):
        assert duty.help_out(at=bench.at + PATIENCE / 2) == set()
        assert duty.help_out(at=bench.at + PATIENCE + timedelta(minutes=1)) == {"XN-QC"}
        assert duty.help_out(at=bench.at + PATIENCE + timedelta(minutes=2)) == set()
    bench.at += PATIENCE + timedelta(minutes=2)
    bench.run(0.1, 0.2)
    assert bench.standing() == "in_control"

"""Targets that float: renewed from the newest good runs, and never led away by a drift."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aliquot.flow.quality.actions import Target, set_target
from aliquot.flow.quality.jobs import renew_targets
from aliquot.flow.quality.models import ControlTarget
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.flow.quality.benches import MEANS, SD, Controlled, make_controlled
from tests.regions import Region

WINDOW = 20


@pytest.fixture
def bench(region: Region) -> Controlled:
    """Level 1 has a target that floats; only what lies beyond 3 SD is rejected."""
    bench = make_controlled(region, rules=("1-3s",), warnings=())
    floating = Target(MEANS[1], SD, origin="established", runs=20, is_floating=True)
    with acting(bench.manager):
        set_target(
            bench.lots[1], bench.analyzer, bench.test, floating, by=bench.manager, at=NOW - timedelta(hours=2)
        )
    return bench


def in_force(bench: Controlled) -> ControlTarget:
    return ControlTarget.objects.get(lot=bench.lots[1], until=None)


def measure(bench: Controlled, mean: float, runs: int = WINDOW) -> int:
    """Runs that vary by 0.5 SD around so many SD above the mean; how many targets are renewed after them."""
    for one in range(runs):
        bench.run(mean + (0.5 if one % 2 else -0.5), 0.1)
    return renew_targets(100, bench.at + timedelta(minutes=1))


def test_a_target_follows_a_whole_window_of_good_runs(bench: Controlled) -> None:
    assert measure(bench, 0.5, runs=WINDOW - 2) == 0
    assert measure(bench, 0.5, runs=2) == 1
    now = in_force(bench)
    assert (now.mean, now.origin, now.is_floating, now.runs) == (Decimal(81), "cumulative", True, WINDOW)
    assert now.sd == Decimal("1.025978")
    assert ControlTarget.objects.filter(lot=bench.lots[1]).count() == 3  # what was before stays, with its end
    assert renew_targets(100, bench.at + timedelta(minutes=2)) == 0


def test_a_drift_does_not_lead_the_target_away(bench: Controlled) -> None:
    assert measure(bench, 1.5) == 0
    assert in_force(bench).mean == MEANS[1]


def test_what_was_rejected_or_set_aside_is_no_part_of_it(bench: Controlled) -> None:
    bench.run(3.5, 0.1)
    assert measure(bench, 0.0) == 1
    assert in_force(bench).mean == MEANS[1]


def test_a_target_that_does_not_float_stays(bench: Controlled) -> None:
    measure(bench, 0.5)
    assert ControlTarget.objects.get(lot=bench.lots[2], until=None).mean == MEANS[2]

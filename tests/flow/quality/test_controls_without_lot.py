"""Controls that belong to no lot: one action names the lot and files what waits, each value in its run."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aliquot.flow.quality.actions import Level, add_material, adopt_controls, begin_lot, end_lot
from aliquot.flow.quality.models import ControlLot, ControlResult, ControlRun
from aliquot.flow.quality.queries import control_board, planned_tests, unfiled_controls
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.flow.quality.benches import Controlled, make_controlled
from tests.regions import Region


@pytest.fixture
def bench(region: Region) -> Controlled:
    return make_controlled(region)


def adopt(bench: Controlled, level: int, code: str) -> int:
    with acting(bench.manager):
        return adopt_controls(bench.lots[level], code, by=bench.manager, at=bench.at)


def test_what_waits_is_filed_and_what_comes_later_belongs_to_the_lot(bench: Controlled) -> None:
    bench.send("LOW", "8.10", control=True)
    bench.read()
    assert adopt(bench, 1, "LOW") == 1
    [kept] = ControlResult.objects.all()
    assert (kept.lot, kept.value, kept.unit, kept.z) == (bench.lots[1], Decimal(81), "g/L", Decimal("0.5"))
    assert unfiled_controls(bench.region.hub.pk) == []
    bench.send("LOW", "8.00", control=True)
    bench.read()
    assert ControlResult.objects.count() == 2
    assert adopt(bench, 1, "LOW") == 0


def test_a_late_level_completes_the_run_of_its_time(bench: Controlled) -> None:
    bench.control(l1=0.1)
    bench.send("HIGH", "15.10", control=True)
    bench.read()
    bench.at += timedelta(hours=3)
    bench.control(l1=0.2)
    assert list(ControlRun.objects.values_list("is_complete", flat=True)) == [False, False]
    assert adopt(bench, 2, "HIGH") == 1
    first, second = ControlRun.objects.order_by("number")
    assert (first.is_complete, second.is_complete) == (True, False)


def test_what_was_measured_before_the_lot_began_stays_without_one(bench: Controlled) -> None:
    bench.send("NEXT", "8.10", control=True)
    bench.read()
    with acting(bench.manager):
        material = bench.lots[1].material
        at = bench.at + timedelta(hours=1)
        [lot, _] = begin_lot(
            material, "A2", [Level(1, ("A2-1",)), Level(2, ("A2-2",))], by=bench.manager, at=at
        )
        assert adopt_controls(lot, "NEXT", by=bench.manager, at=at) == 0
    assert [one.specimen_code for one in unfiled_controls(bench.region.hub.pk)] == ["NEXT"]
    assert ControlLot.objects.get(pk=lot.pk).codes == ["A2-1", "NEXT"]


def test_a_name_means_one_level_of_one_material(bench: Controlled) -> None:
    with pytest.raises(Refused, match="level 2 so"):
        adopt(bench, 1, "QC-L2")
    with acting(bench.manager):
        other = add_material(bench.region.hub, "Serum", by=bench.manager, at=bench.at)
        [lot] = begin_lot(other, "S1", [Level(1, ("S1-1",))], by=bench.manager, at=bench.at)
        with pytest.raises(Refused, match="Blood control, level 1 so"):
            adopt_controls(lot, "QC-L1", by=bench.manager, at=bench.at)
        end_lot(other, "S1", by=bench.manager, at=bench.at)
        with pytest.raises(Refused, match="This lot has ended"):
            adopt_controls(lot, "S1-9", by=bench.manager, at=bench.at)
        with pytest.raises(Refused, match="have no name"):
            adopt_controls(bench.lots[1], " ", by=bench.manager, at=bench.at)


def test_only_who_manages_quality_here_says_what_it_is(bench: Controlled) -> None:
    with acting(bench.technologist), pytest.raises(Forbidden):
        adopt_controls(bench.lots[1], "LOW", by=bench.technologist, at=bench.at)


def test_limits_and_words_go_on_waiting_for_a_person(bench: Controlled) -> None:
    bench.send("LOW", "<8.0", control=True)
    bench.read()
    assert adopt(bench, 1, "LOW") == 0
    assert len(unfiled_controls(bench.region.hub.pk)) == 1


def test_the_board_shows_each_pair_with_its_last_run_and_what_is_open(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    bench.run(0.1, 3.4)
    [row] = control_board(bench.region.hub.pk)
    assert (row.analyzer_code, row.test_code, row.state, row.last_number) == (
        "XN-QC",
        "HGB",
        "out_of_control",
        2,
    )
    assert (row.last_verdict, list(row.broken_rules or ()), row.alarms) == ("rejected", ["1-3s"], 0)
    assert row.due_at == bench.last().began_at + timedelta(days=1)
    [planned] = [one for one in planned_tests(bench.region.hub.pk) if one.is_planned]
    assert (planned.test_code, planned.targets, planned.levels) == ("HGB", 2, 2)


def test_a_run_is_due_by_the_clock_by_count_or_because_none_came(region: Region) -> None:
    bench = make_controlled(region, every_minutes=60, every_results=1)
    [row] = control_board(region.hub.pk)
    assert row.due_at == row.planned_at
    assert row.is_overdue(bench.at)
    bench.run(0.1, 0.2)
    [row] = control_board(region.hub.pk)
    assert row.due_at == bench.last().began_at + timedelta(minutes=60)
    assert not row.is_overdue(bench.at)
    assert row.is_overdue(bench.at + timedelta(minutes=61))
    bench.patient()
    [row] = control_board(region.hub.pk)
    assert row.is_due_by_count
    assert row.is_overdue(bench.at)

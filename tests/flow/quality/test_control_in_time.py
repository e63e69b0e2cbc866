"""Controls in the order of time: late ones, clocks that are wrong, two lots side by side, how long a word holds."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.quality.actions import (
    Level,
    Plan,
    Standing,
    Target,
    begin_lot,
    change_release_states,
    close_violation,
    end_plan,
    set_aside_control,
    set_plan,
    set_target,
)
from aliquot.flow.quality.jobs import mark_controls
from aliquot.flow.quality.models import ControlLot, ControlResult, ControlRun, ControlViolation, ReleaseState
from aliquot.flow.quality.queries import control_board, doubtful_windows
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from tests.flow.quality.benches import MEANS, SD, Controlled, make_controlled
from tests.regions import Region

Verdict = ControlRun.Verdict
RULES = ("1-3s", "2-2s", "R-4s", "4-1s", "10-x")
HOUR = timedelta(hours=1)


@pytest.fixture
def bench(region: Region) -> Controlled:
    return make_controlled(region, every_minutes=480)


def at_another_time(bench: Controlled, by_hours: float, **z: float) -> ControlRun:
    """Controls whose message says another time than now; read a minute from now."""
    now = bench.at
    bench.at += by_hours * HOUR
    for level, value in z.items():
        number = int(level[1:])
        bench.send(f"QC-L{number}", f"{(MEANS[number] + SD * round(value * 10) / 10) / 10:.4f}", control=True)
    bench.at = now + timedelta(minutes=1)
    bench.read()
    return bench.last()


def answer(bench: Controlled, cause: str = "reagent") -> None:
    with acting(bench.technologist):
        for one in ControlViolation.objects.filter(closed_at=None):
            close_violation(one, cause=cause, action="new bottle", by=bench.technologist, at=bench.at)


def say(bench: Controlled, change: Standing) -> None:
    bench.at += timedelta(minutes=1)
    with acting(bench.technologist):
        change_release_states(bench.analyzer, [bench.test], change, by=bench.technologist, at=bench.at)


def next_lot(bench: Controlled, *levels: int, codes: str = "QC-L", has_targets: bool = False) -> None:
    """The lot A2 in these levels from now on, under these names."""
    with acting(bench.manager):
        at, by = bench.at + timedelta(seconds=1), bench.manager
        named = [Level(one, (f"{codes}{one}",)) for one in levels]
        for lot in begin_lot(bench.lots[1].material, "A2", named, by=by, at=at):
            if has_targets:
                set_target(lot, bench.analyzer, bench.test, Target(MEANS[lot.level], SD), by=by, at=at)


def window(bench: Controlled) -> Any:
    failed = ReleaseState.objects.filter(qc_state="out_of_control").latest("since")
    [found] = doubtful_windows(bench.region.hub.pk, failed.pk)
    return found


def test_a_level_with_a_target_is_judged_beside_one_without(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    next_lot(bench, 2)
    assert bench.run(0.1, 0.2).verdict == Verdict.ESTABLISHING
    assert bench.standing() == "in_control"
    bench.at += HOUR
    bench.control(l2=0.2)
    bench.control(l1=5.0)
    assert (bench.last().verdict, bench.last().is_complete) == (Verdict.REJECTED, True)
    assert bench.standing() == "out_of_control"


def test_a_good_run_from_before_the_failure_that_comes_late_resumes_nothing(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    failed = bench.run(3.6, 0.1, hours=4)
    answer(bench)
    late = at_another_time(bench, -2, l1=0.1, l2=0.2)
    assert late.number > failed.number
    assert late.began_at < failed.began_at
    assert (late.verdict, bench.standing()) == (Verdict.ACCEPTED, "out_of_control")
    bench.run(0.1, 0.2)
    assert bench.standing() == "in_control"


def test_a_word_after_a_good_run_is_not_given_after_one_that_came_late(region: Region) -> None:
    bench = make_controlled(region, resume="person")
    bench.run(3.6, 0.1)
    at_another_time(bench, -2, l1=0.1, l2=0.2)
    with pytest.raises(Refused, match="Measure the controls again first"):
        answer(bench)


def test_a_late_run_is_judged_after_those_that_were_measured_before_it(bench: Controlled) -> None:
    bench.run(2.3, 0.1)
    bench.run(0.0, 0.1, hours=5)
    assert at_another_time(bench, -2, l1=2.4, l2=0.1).verdict == Verdict.REJECTED
    [broken] = ControlViolation.objects.filter(is_rejection=True)
    assert (broken.rule, broken.doubtful_since) == ("2-2s", ControlRun.objects.get(number=1).began_at)


def test_a_clock_that_goes_before_ours_proves_nothing_of_tomorrow(bench: Controlled) -> None:
    run = at_another_time(bench, 5, l1=0.1, l2=0.2)
    assert (run.is_complete, run.began_at, bench.standing()) == (True, bench.at, "in_control")
    bench.at -= timedelta(minutes=1)
    at_another_time(bench, 5, l1=0.1, l2=0.2)
    assert ControlResult.objects.count() == 2  # what it sends again is known by its own time
    assert mark_controls(100, run.began_at + 7 * HOUR) == 0
    assert mark_controls(100, run.began_at + 9 * HOUR) == 1
    assert bench.standing() == "unknown"


def test_two_lots_side_by_side_are_runs_of_their_own(bench: Controlled) -> None:
    next_lot(bench, 1, 2, codes="NEW-")
    bench.at += HOUR
    for tube, value in (("QC-L1", "8.00"), ("NEW-1", "8.00"), ("QC-L2", "15.00"), ("NEW-2", "15.00")):
        bench.send(tube, value, control=True)
    bench.read()
    runs = [sorted(run.controlresult_set.values_list("lot__number", "lot__level")) for run in _runs(bench)]
    assert runs == [[("A1", 1), ("A1", 2)], [("A2", 1), ("A2", 2)]]
    assert bench.standing() == "in_control"  # the new lot, without targets, says nothing


def _runs(bench: Controlled) -> list[ControlRun]:
    return list(ControlRun.objects.filter(analyzer=bench.analyzer).order_by("number"))


def test_a_series_of_one_lot_goes_on_beside_another_lot(region: Region) -> None:
    bench = make_controlled(region, rules=("4-1s",))
    next_lot(bench, 1, 2, codes="NEW-", has_targets=True)
    for place in range(4):
        bench.run(1.2 + place / 10, 0.1)
        bench.at += HOUR
        for tube, value in (("NEW-1", "8.00"), ("NEW-2", "15.00")):
            bench.send(tube, value, control=True)
        bench.read()
    [broken] = ControlViolation.objects.filter(is_rejection=True)
    lots = ControlLot.objects.filter(controlresult__in=broken.points).values_list("number", flat=True)
    assert (broken.rule, broken.variant, set(lots)) == ("4-1s", "within-level", {"A1"})


def test_a_new_reagent_does_not_lengthen_a_persons_word(bench: Controlled) -> None:
    bench.run(0.1, 0.1)
    bench.at += 9 * HOUR
    mark_controls(100, bench.at)
    say(bench, Standing(qc_state="in_control", note="seen"))
    said = bench.at
    bench.at += 7 * HOUR
    say(bench, Standing(reagent_lot="R-3", note="new bottle"))
    assert bench.standing() == "in_control"
    assert mark_controls(100, said + 9 * HOUR) == 1
    assert bench.standing() == "unknown"


def set_anew(bench: Controlled) -> None:
    bench.at += timedelta(minutes=1)
    with acting(bench.manager):
        plan = Plan(rules=RULES, every_minutes=480)
        set_plan(bench.analyzer, bench.test, plan, by=bench.manager, at=bench.at)


def stop_planning(bench: Controlled) -> None:
    bench.at += timedelta(minutes=1)
    with acting(bench.manager):
        end_plan(bench.analyzer, bench.test, by=bench.manager, at=bench.at)


def test_a_word_from_before_the_plan_ends_with_the_first_run_that_does_not_come(bench: Controlled) -> None:
    stop_planning(bench)
    say(bench, Standing(qc_state="in_control", note="seen"))
    set_anew(bench)
    now = ReleaseState.objects.get(until=None)
    assert (now.qc_state, now.is_planned, now.is_by_rule, now.note) == ("in_control", True, False, "seen")
    assert mark_controls(100, bench.at + 7 * HOUR) == 0
    assert mark_controls(100, bench.at + 9 * HOUR) == 1
    assert bench.standing() == "unknown"


def test_a_new_plan_does_not_undo_what_a_person_took_out_of_control(bench: Controlled) -> None:
    bench.run(0.1, 0.1)
    say(bench, Standing(qc_state="out_of_control", note="it smells of smoke"))
    set_anew(bench)
    bench.run(0.1, 0.1)
    assert bench.standing() == "out_of_control"


def test_a_run_from_before_the_plan_proves_nothing(bench: Controlled) -> None:
    stop_planning(bench)
    assert bench.run(5.0, 0.1).verdict == Verdict.WARNING  # without a plan nothing rejects
    set_anew(bench)
    assert bench.standing() == "unknown"
    bench.run(0.1, 0.1)
    assert bench.standing() == "in_control"


def test_while_targets_are_established_a_word_holds_as_long_as_runs_come(region: Region) -> None:
    bench = make_controlled(region, has_targets=False, every_minutes=480)
    bench.run(0.1, 0.1)
    say(bench, Standing(qc_state="in_control", note="compared with the analyzer beside it"))
    bench.run(0.1, 0.1, hours=6)
    assert mark_controls(100, bench.at + 7 * HOUR) == 0
    assert mark_controls(100, bench.at + 9 * HOUR) == 1
    assert bench.standing() == "unknown"


def test_the_run_of_a_value_set_aside_is_not_good_with_the_levels_that_are_left(bench: Controlled) -> None:
    with acting(bench.manager):
        levels, by, at = [Level(3, ("QC-L3",))], bench.manager, bench.at
        [third] = begin_lot(bench.lots[1].material, "A3", levels, by=by, at=at)
        set_target(third, bench.analyzer, bench.test, Target(MEANS[2], SD), by=by, at=at)
    bench.at += HOUR
    bench.send("QC-L3", "17.00", control=True)
    bench.control(l1=0.1, l2=0.1)
    with acting(bench.technologist):
        broken = bench.last().controlresult_set.get(lot=third)
        set_aside_control(broken, reason="another tube", by=bench.technologist, at=bench.at)
    answer(bench, cause="control")
    assert (bench.last().verdict, bench.standing()) == (Verdict.ACCEPTED, "out_of_control")
    bench.run(0.1, 0.1)
    assert bench.standing() == "in_control"


def test_doubt_begins_with_the_last_good_run_and_not_with_a_word_about_a_reagent(bench: Controlled) -> None:
    good = bench.run(0.1, 0.2)
    bench.at += HOUR
    say(bench, Standing(reagent_lot="R-2", note="new bottle"))
    set_anew(bench)
    bench.run(3.6, 0.1)
    assert window(bench).since == good.began_at


def test_doubt_about_a_failure_that_came_late_begins_before_it_was_measured(bench: Controlled) -> None:
    before = bench.run(0.1, 0.2)
    bench.run(0.1, 0.1, hours=4)
    at_another_time(bench, -2, l1=3.6, l2=0.1)
    assert window(bench).since == before.began_at


def test_a_persons_word_is_a_control_only_where_none_was_good_or_asked_for(bench: Controlled) -> None:
    say(bench, Standing(qc_state="in_control", note="seen"))
    said = bench.at
    bench.run(3.6, 0.1)
    assert window(bench).since == said
    answer(bench)
    good = bench.run(0.1, 0.1)
    bench.at += HOUR
    say(bench, Standing(qc_state="in_control", note="seen again"))
    bench.run(3.6, 0.1)
    assert window(bench).since == good.began_at


@pytest.mark.parametrize(
    ("plan", "field", "words"),
    [
        ({"every_minutes": None}, "every_minutes", "Say when a run is due"),
        ({"every_minutes": 0}, "every_minutes", "above zero"),
        ({"every_results": 0}, "every_results", "above zero"),
        ({"levels": 0}, "levels", "above zero"),
        ({"rules": ("2of3-2s",)}, "rules", "2of3-2s looks at 3 levels"),
    ],
)
def test_a_plan_that_would_never_speak_is_refused(
    bench: Controlled, plan: dict[str, Any], field: str, words: str
) -> None:
    wanted = Plan(**{"rules": RULES, **plan})
    with acting(bench.manager), pytest.raises(Refused, match=words) as refused:
        set_plan(bench.analyzer, bench.test, wanted, by=bench.manager, at=bench.at)
    assert set(refused.value.fields) == {field}


def test_a_good_run_begins_the_count_of_patients_anew(region: Region) -> None:
    bench = make_controlled(region, every_results=3)
    bench.run(0.1, 0.1)
    assert [bench.patient().state for _ in range(2)] == ["released", "released"]
    bench.run(0.1, 0.1)
    [row] = control_board(region.hub.pk)
    assert row.results_since == 0
    assert [bench.patient().state for _ in range(4)] == ["released", "released", "released", "held"]
    [row] = control_board(region.hub.pk)
    assert (row.results_since, row.is_due_by_count) == (4, True)

"""Controls that the line sends become runs, runs are judged, and what they say stops or resumes the release."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aliquot.flow.quality.actions import (
    Level,
    Standing,
    begin_lot,
    change_release_states,
    close_violation,
    enter_control,
    set_aside_control,
)
from aliquot.flow.quality.jobs import mark_controls
from aliquot.flow.quality.models import ControlResult, ControlRun, ControlViolation, ReleaseState
from aliquot.flow.quality.queries import doubtful_windows, unfiled_controls
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.factories import NOW
from tests.flow.quality.benches import Controlled, make_controlled
from tests.regions import Region, one_with

Verdict = ControlRun.Verdict


@pytest.fixture
def bench(region: Region) -> Controlled:
    return make_controlled(region)


def answer(bench: Controlled, cause: str = "reagent", action: str = "new bottle") -> None:
    """The technologist answers every broken rule that is open."""
    with acting(bench.technologist):
        for one in ControlViolation.objects.filter(closed_at=None):
            close_violation(one, cause=cause, action=action, by=bench.technologist, at=bench.at)


def codes(reasons: list[dict[str, str]]) -> list[str]:
    return [one["code"] for one in reasons]


def test_two_levels_that_came_by_the_line_are_one_good_run(bench: Controlled) -> None:
    run = bench.run(0.5, -0.3)
    assert (run.number, run.verdict, run.is_complete) == (1, Verdict.ACCEPTED, True)
    kept = run.controlresult_set.order_by("lot__level")
    assert [(one.value, one.unit, one.z) for one in kept] == [
        (Decimal(81), "g/L", Decimal("0.5")),
        (Decimal("149.4"), "g/L", Decimal("-0.3")),
    ]
    assert bench.standing() == "in_control"
    assert bench.patient().state == "released"


def test_under_a_plan_nothing_is_released_before_the_first_run(bench: Controlled) -> None:
    held = bench.patient()
    assert (held.state, codes(held.reasons)) == ("held", ["qc_unknown"])


def test_a_run_without_all_its_levels_says_nothing_yet(bench: Controlled) -> None:
    bench.control(l1=0.2)
    assert (bench.last().verdict, bench.last().is_complete) == (Verdict.ACCEPTED, False)
    assert bench.patient().state == "held"
    bench.control(l2=0.4)
    assert bench.last().number == 1
    assert bench.standing() == "in_control"


def test_a_failed_control_stops_its_test_until_it_is_answered_and_a_run_is_good(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    run = bench.run(0.4, 3.4)
    assert run.verdict == Verdict.REJECTED
    broken = ControlViolation.objects.get(is_rejection=True)
    assert (broken.rule, broken.error, broken.run_id) == ("1-3s", "random", run.pk)
    assert broken.points == [run.controlresult_set.get(lot__level=2).pk]
    assert bench.standing() == "out_of_control"
    held = bench.patient()
    assert (held.state, codes(held.reasons)) == ("held", ["out_of_control"])

    bench.run(0.1, 0.3)
    assert bench.standing() == "out_of_control"  # good again, but nobody knows why it was not
    answer(bench)
    assert bench.standing() == "in_control"
    assert bench.patient().state == "released"


def test_an_answer_alone_resumes_nothing(bench: Controlled) -> None:
    bench.run(3.5, 0.1)
    answer(bench)
    assert bench.standing() == "out_of_control"
    bench.run(0.2, 0.1)
    assert bench.standing() == "in_control"


def test_the_control_in_the_same_batch_stops_the_patients_beside_it(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    bench.at += timedelta(hours=1)
    bench.send("QC-L1", "8.80", control=True)
    assert bench.patient().state == "held"


def test_two_controls_beyond_two_sd_on_one_side_reject_across_runs_and_levels(bench: Controlled) -> None:
    bench.run(2.3, 0.1)
    assert bench.last().verdict == Verdict.WARNING
    bench.run(2.4, 0.2)
    found = ControlViolation.objects.filter(is_rejection=True)
    assert [(one.rule, one.variant, len(one.points)) for one in found] == [("2-2s", "within-level", 2)]


def test_a_level_that_is_measured_seldom_keeps_its_series(bench: Controlled) -> None:
    for _ in range(3):
        bench.run(1.2, 0.1)
        for _ in range(4):  # between them only the other level
            bench.at += timedelta(hours=1)
            bench.control(l2=-0.1)
    bench.run(1.3, 0.1)
    found = ControlViolation.objects.filter(is_rejection=True)
    assert [(one.rule, one.variant) for one in found] == [("4-1s", "within-level")]


def test_after_a_repair_rules_over_runs_begin_anew(bench: Controlled) -> None:
    for _ in range(3):
        bench.run(1.2, 0.1)
    assert bench.run(1.3, 0.2).verdict == Verdict.REJECTED
    answer(bench, cause="calibration")
    assert bench.run(1.2, 0.1).verdict == Verdict.ACCEPTED


def test_what_nobody_mended_is_found_again(bench: Controlled) -> None:
    for _ in range(3):
        bench.run(1.2, 0.1)
    assert bench.run(1.3, 0.2).verdict == Verdict.REJECTED
    answer(bench, cause="chance", action="repeated")
    assert bench.run(1.2, 0.1).verdict == Verdict.REJECTED


def test_what_an_analyzer_repeats_is_kept_once(bench: Controlled) -> None:
    bench.run(0.5, 0.1)
    bench.at -= timedelta(minutes=2)
    bench.send("QC-L1", "8.10", control=True)
    bench.read()
    assert ControlResult.objects.count() == 2


def test_the_measured_again_level_begins_the_next_run(bench: Controlled) -> None:
    bench.control(l1=0.1, l2=0.2)
    bench.control(l1=0.3)
    assert (bench.last().number, bench.last().is_complete) == (2, False)


def test_an_unknown_control_waits_for_a_person_and_is_not_lost(bench: Controlled) -> None:
    bench.send("QC-UNKNOWN", "8.00", control=True)
    bench.read()
    assert [one.specimen_code for one in unfiled_controls(bench.region.hub.pk)] == ["QC-UNKNOWN"]
    bench.run(0.1, 0.1)
    assert [one.specimen_code for one in unfiled_controls(bench.region.hub.pk)] == ["QC-UNKNOWN"]


def test_without_targets_a_run_establishes_and_a_person_decides(region: Region) -> None:
    bench = make_controlled(region, has_targets=False)
    assert bench.run(0.1, 9.0).verdict == Verdict.ESTABLISHING
    assert not ControlViolation.objects.exists()
    assert bench.standing() == "unknown"


def test_a_value_set_aside_counts_no_longer_and_its_run_is_judged_again(bench: Controlled) -> None:
    run = bench.run(0.1, 5.0)
    wrong = run.controlresult_set.get(lot__level=2)
    with acting(bench.technologist):
        set_aside_control(wrong, reason="level 1 stood there", by=bench.technologist, at=bench.at)
        run.refresh_from_db()
        assert (run.verdict, run.is_complete) == (Verdict.ACCEPTED, False)
        with pytest.raises(Refused, match="set aside already"):
            set_aside_control(wrong, reason="again", by=bench.technologist, at=bench.at)
    assert bench.standing() == "out_of_control"  # the broken rule still waits for its answer
    answer(bench, cause="control", action="changed places")
    bench.run(0.2, 0.2)
    assert bench.standing() == "in_control"


def test_an_answer_needs_a_cause_and_what_was_done(bench: Controlled) -> None:
    bench.run(3.5, 0.1)
    broken = ControlViolation.objects.get(is_rejection=True)
    with acting(bench.technologist):
        with pytest.raises(Refused) as refused:
            close_violation(broken, cause="", action=" ", by=bench.technologist, at=bench.at)
        assert set(refused.value.fields) == {"cause", "action"}
        close_violation(broken, cause="water", action="filter changed", by=bench.technologist, at=bench.at)
        with pytest.raises(Refused, match="answered this already"):
            close_violation(broken, cause="water", action="again", by=bench.technologist, at=bench.at)


def test_a_plan_may_ask_for_a_persons_word_after_the_good_run(region: Region) -> None:
    bench = make_controlled(region, resume="person")
    bench.run(3.5, 0.1)
    with pytest.raises(Refused, match="Measure the controls again first"):
        answer(bench)
    bench.run(0.1, 0.1)
    answer(bench)
    assert bench.standing() == "in_control"


def test_whoever_may_not_run_controls_answers_none(bench: Controlled) -> None:
    bench.run(3.5, 0.1)
    broken = ControlViolation.objects.get(is_rejection=True)
    nurse = one_with(bench.region, "nurse")
    with pytest.raises(Forbidden):
        close_violation(broken, cause="water", action="none", by=nurse, at=bench.at)


def test_a_person_enters_a_control_of_an_analyzer_without_a_line(bench: Controlled) -> None:
    lot, who = bench.lots[1], bench.technologist
    with acting(who):
        kept = enter_control(bench.analyzer, bench.test, lot, Decimal(81), measured_at=NOW, by=who, at=NOW)
        assert (kept.z, kept.by, kept.reading_id) == (Decimal("0.5"), who.key, None)
        with pytest.raises(Refused, match="already kept"):
            enter_control(bench.analyzer, bench.test, lot, Decimal(81), measured_at=NOW, by=who, at=NOW)
        later = NOW + timedelta(hours=1)
        with pytest.raises(Refused, match="still to come"):
            enter_control(bench.analyzer, bench.test, lot, Decimal(81), measured_at=later, by=who, at=NOW)


def test_what_was_measured_since_the_last_good_run_is_in_doubt(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    good = bench.run(0.3, 0.1)
    bench.run(3.6, 0.1)
    failed = ReleaseState.objects.get(analyzer=bench.analyzer, qc_state="out_of_control")
    [window] = doubtful_windows(bench.region.hub.pk, failed.pk)
    assert window.since == good.began_at
    answer(bench)
    bench.run(0.1, 0.1)
    [window] = doubtful_windows(bench.region.hub.pk, failed.pk)
    assert window.until is not None


def test_what_a_person_took_out_of_control_no_run_brings_back(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    out = Standing(qc_state="out_of_control", note="it smells of smoke")
    bench.at += timedelta(minutes=1)
    with acting(bench.technologist):
        change_release_states(bench.analyzer, [bench.test], out, by=bench.technologist, at=bench.at)
    bench.run(0.1, 0.2)
    assert bench.standing() == "out_of_control"


def test_an_open_rejection_is_not_talked_away(bench: Controlled) -> None:
    bench.run(3.6, 0.2)
    fine = Standing(qc_state="in_control", note="looks fine to me")
    with acting(bench.technologist), pytest.raises(Refused, match="stopped by a control rule"):
        change_release_states(bench.analyzer, [bench.test], fine, by=bench.technologist, at=bench.at)


def test_a_control_that_does_not_come_in_time_is_missed(region: Region) -> None:
    bench = make_controlled(region, every_minutes=480)
    bench.run(0.1, 0.1)
    assert mark_controls(100, bench.at + timedelta(hours=7)) == 0
    assert mark_controls(100, bench.at + timedelta(hours=9)) == 1
    assert bench.standing() == "unknown"
    assert mark_controls(100, bench.at + timedelta(hours=9)) == 0
    bench.at += timedelta(hours=9)
    bench.run(0.2, 0.1)
    assert bench.standing() == "in_control"


def test_a_lot_without_a_target_does_not_keep_a_test_in_control(region: Region) -> None:
    bench = make_controlled(region, every_minutes=480)
    bench.run(0.1, 0.1)
    with acting(bench.manager):
        at = bench.at + timedelta(minutes=1)
        levels = [Level(1, ("QC-L1",)), Level(2, ("QC-L2",))]
        begin_lot(bench.lots[1].material, "A2", levels, by=bench.manager, at=at)
    assert bench.run(0.1, 0.1, hours=4).verdict == Verdict.ESTABLISHING
    assert bench.standing() == "in_control"  # the lot before spoke for eight hours
    bench.run(0.1, 0.1, hours=5)
    assert bench.standing() == "unknown"
    said = Standing(qc_state="in_control", note="the new lot lies as the old one did")
    bench.at += timedelta(minutes=1)
    with acting(bench.technologist):
        change_release_states(bench.analyzer, [bench.test], said, by=bench.technologist, at=bench.at)
    bench.run(0.1, 0.1)
    assert bench.standing() == "in_control"  # while targets are established a person decides


def say(bench: Controlled, change: Standing) -> None:
    """What the technologist says of the test, a minute later."""
    bench.at += timedelta(minutes=1)
    with acting(bench.technologist):
        change_release_states(bench.analyzer, [bench.test], change, by=bench.technologist, at=bench.at)


def test_a_new_reagent_changes_nothing_of_what_control_found(region: Region) -> None:
    bench = make_controlled(region, every_minutes=480)
    bench.run(0.1, 0.1)
    say(bench, Standing(reagent_lot="R-2", note="seen"))
    assert bench.standing() == "in_control"
    assert mark_controls(100, bench.at + timedelta(hours=9)) == 1
    assert bench.standing() == "unknown"


def test_a_persons_word_holds_as_long_as_a_run_does(region: Region) -> None:
    bench = make_controlled(region, every_minutes=480)
    bench.run(0.1, 0.1)
    bench.at += timedelta(hours=9)
    mark_controls(100, bench.at)
    say(bench, Standing(qc_state="in_control", note="seen"))
    bench.control(l1=0.1)  # a level alone says nothing yet
    assert bench.standing() == "in_control"
    assert mark_controls(100, bench.at + timedelta(hours=7)) == 0
    assert mark_controls(100, bench.at + timedelta(hours=9)) == 1
    assert bench.standing() == "unknown"


def test_a_persons_word_holds_for_as_many_patients_as_a_run_does(region: Region) -> None:
    bench = make_controlled(region, every_results=2)
    bench.run(0.1, 0.1)
    assert [bench.patient().state for _ in range(3)] == ["released", "released", "held"]
    say(bench, Standing(qc_state="in_control", note="seen"))
    assert [bench.patient().state for _ in range(3)] == ["released", "released", "held"]


def test_a_value_set_aside_is_no_good_run(bench: Controlled) -> None:
    bench.run(0.1, 0.2)
    run = bench.run(0.1, 5.0)
    with acting(bench.technologist):
        wrong = run.controlresult_set.get(lot__level=2)
        set_aside_control(wrong, reason="level 1 stood there", by=bench.technologist, at=bench.at)
    answer(bench, cause="control", action="changed places")
    assert bench.standing() == "out_of_control"  # the good run before it proves nothing of now
    bench.run(0.2, 0.2)
    assert bench.standing() == "in_control"

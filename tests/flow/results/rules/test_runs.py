"""Which of several runs is reported, and why."""

from typing import Any

from aliquot.flow.results.rules.runs import EarlierRun, settle

ASKED = ({"code": "rerun_wanted"}, {"code": "rerun_asked"})
CRITICAL = {"code": "critical"}


def run(key: int, value: str, *reasons: dict[str, Any], state: str = "held") -> EarlierRun:
    return EarlierRun(key, value, state, reasons)


def codes(reasons: Any) -> list[str]:
    return [one["code"] for one in reasons]


def test_the_first_is_released_when_the_second_confirms_it_and_nothing_else_speaks_against_it() -> None:
    found = settle("5.1", (), 1, [run(1, "5.0", *ASKED)])
    assert (found.state, codes(found.reasons)) == ("kept", ["run_confirms"])
    (first,) = found.earlier
    assert (first.result_id, first.state, codes(first.reasons)) == (1, "released", ["run_confirmed"])


def test_a_confirmed_critical_value_goes_on_waiting_as_one() -> None:
    found = settle("7.1", (CRITICAL,), 1, [run(1, "7.0", CRITICAL, *ASKED)])
    (first,) = found.earlier
    assert (found.state, first.state) == ("kept", "held")
    assert codes(first.reasons) == ["critical", "run_confirmed"]


def test_a_reason_that_the_first_did_not_have_leaves_both() -> None:
    found = settle("6.5", (CRITICAL,), 1, [run(1, "6.4", *ASKED)])
    assert (found.state, codes(found.reasons), found.earlier) == ("held", ["critical"], ())


def test_a_confirmation_with_the_very_reasons_of_the_first_leaves_the_first_to_a_person() -> None:
    found = settle("7.1", (CRITICAL,), 1, [run(1, "7.0", CRITICAL)])
    assert (found.state, codes(found.reasons)) == ("kept", ["critical", "run_confirms"])
    assert codes(found.earlier[0].reasons) == ["critical", "run_confirmed"]


def test_what_lies_between_the_first_and_its_confirmation_is_kept() -> None:
    found = settle("5.0", (), 1, [run(1, "5.0", *ASKED), run(2, "5.3", *ASKED)])
    assert [(one.result_id, one.state) for one in found.earlier] == [(1, "released"), (2, "kept")]


def test_a_run_without_reasons_is_reported_and_the_earlier_are_kept() -> None:
    found = settle("140", (), None, [run(1, "99", {"code": "analyzer_flag"}, *ASKED)])
    assert (found.state, codes(found.reasons)) == ("released", ["run_reported"])
    assert [(one.state, codes(one.reasons)[-1]) for one in found.earlier] == [("kept", "run_replaced")]


def test_what_was_kept_already_stays_as_it_is() -> None:
    found = settle("140", (), None, [run(1, "99", state="kept"), run(2, "98", *ASKED)])
    assert [one.result_id for one in found.earlier] == [2]


def test_beyond_the_range_the_later_run_waits_alone() -> None:
    beyond = run(1, ">24", {"code": "dilute"}, {"code": "measured_unknown"}, {"code": "rerun_asked"})
    late = ({"code": "critical"}, {"code": "measured_unknown"})
    (replaced,) = settle("26", late, None, [beyond]).earlier
    assert (replaced.state, replaced.reasons[-1]["later"]) == ("kept", "26")
    only = run(1, ">24", {"code": "dilute"})
    assert [one.state for one in settle("26", (CRITICAL,), None, [only]).earlier] == ["kept"]
    assert settle("26", (CRITICAL,), None, [beyond]).earlier == ()


def test_runs_that_differ_both_wait() -> None:
    found = settle("5.6", ({"code": "runs_differ"},), None, [run(1, "5.0", *ASKED)])
    assert (found.state, found.earlier) == ("held", ())


def test_each_run_says_by_which_value_it_was_settled() -> None:
    found = settle("5.1", (), 1, [run(1, "5.0", *ASKED), run(2, "5.3", *ASKED)])
    first, second = found.earlier
    assert found.reasons == ({"code": "run_confirms", "earlier": "5.0"},)
    assert first.reasons == ({"code": "run_confirmed", "later": "5.1"},)
    assert second.reasons == (*ASKED, {"code": "run_replaced", "later": "5.0"})
    reported = settle("140", (), None, [run(1, "99", *ASKED), run(2, "98", state="kept")])
    assert reported.reasons == ({"code": "run_reported", "earlier": "99, 98"},)
    assert reported.earlier[0].reasons[-1] == {"code": "run_replaced", "later": "140"}

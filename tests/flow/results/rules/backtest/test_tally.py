"""What a rule set would have done, counted; and the report that a director reads before signing."""

from collections import Counter
from typing import Any

from aliquot.flow.results.rules.backtest.report import make_report
from aliquot.flow.results.rules.backtest.tally import MOST_EXAMPLES, Tally, total
from aliquot.flow.verification.rules.cases import Case, Outcome
from aliquot.flow.verification.rules.decision import Verdict
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.shapes import Exclusion
from tests.flow.results.rules.backtest.rows import DAY, NOON, kept
from tests.flow.verification.rules.evidences import rule

CRITICAL = because("critical", rule="K-limits", value="7", limit="6.2")
NO_RULE = because("no_rule")


def verdict(action: Any, *reasons: Reason, rules: tuple[str, ...] = ()) -> Verdict:
    return Verdict(action, "N", None, None, reasons, critical=False, rules=rules)


def tally() -> Tally:
    """Two stay released, one is released anew, one newly held, one newly sent back, one held for another reason."""
    found = Tally()
    found.count(kept(1, is_automatic=True), verdict("release"))
    found.count(kept(2, is_automatic=True, test_id=9), verdict("release"))
    found.count(kept(3, before=["delta", "delta", "rerun"]), verdict("release"))
    held = verdict("hold", CRITICAL, CRITICAL, NO_RULE, rules=("K-limits",))
    found.count(kept(4, "7", is_automatic=True), held)
    found.count(kept(5, is_automatic=True), verdict("rerun", NO_RULE, rules=("K-limits", "again")))
    found.count(kept(6, before=["delta"]), verdict("hold", NO_RULE))
    return found


def test_it_counts_what_was_and_what_would_be() -> None:
    found = tally()
    assert found.decided == 6
    assert found.before == {"release": 4, "hold": 2}
    assert found.after == {"release": 3, "hold": 2, "rerun": 1}
    assert found.reasons_before == {"delta": 2, "rerun": 1}
    assert found.reasons_after == {"critical": 1, "no_rule": 3}
    assert found.fired == {"K-limits": 2, "again": 1}
    assert found.by_test == {
        (4, "release", "release"): 1,
        (9, "release", "release"): 1,
        (4, "hold", "release"): 1,
        (4, "release", "hold"): 1,
        (4, "release", "rerun"): 1,
        (4, "hold", "hold"): 1,
    }


def test_a_change_is_named_by_the_first_rule_or_else_the_reason() -> None:
    assert tally().changes == {
        ("hold", "release", ""): 1,
        ("release", "hold", "K-limits"): 1,
        ("release", "rerun", "no_rule"): 1,
    }


def test_an_example_says_what_a_person_needs_to_find_it() -> None:
    assert tally().examples["release", "hold", "K-limits"] == [
        {
            "result": 4,
            "order": 30,
            "test": 4,
            "value": "7",
            "unit": "mmol/L",
            "reasons": [CRITICAL.as_json(), CRITICAL.as_json(), NO_RULE.as_json()],
            "before": [],
        }
    ]
    assert tally().examples["hold", "release", ""][0]["before"] == ["delta", "delta", "rerun"]


def numbered(*ids: int) -> Tally:
    found = Tally()
    for one in ids:
        found.count(kept(one), verdict("release"))
    return found


def test_so_many_examples_are_kept_and_no_more() -> None:
    change = ("hold", "release", "")
    found = numbered(*range(10))
    assert [one["result"] for one in found.examples[change]] == list(range(MOST_EXAMPLES))
    assert found.changes[change] == 10
    both = total([numbered(1, 2), numbered(*range(10, 20))])
    assert [one["result"] for one in both.examples[change]] == [1, 2, 10, 11, 12, 13]
    assert both.changes[change] == 12


def test_the_counts_of_several_are_added() -> None:
    twice, once = total([tally(), tally()]), tally()
    assert twice.decided == 12
    for name in ("before", "after", "by_test", "reasons_before", "reasons_after", "fired", "changes"):
        assert getattr(twice, name) == Counter({key: 2 * count for key, count in getattr(once, name).items()})
    assert len(twice.examples["hold", "release", ""]) == 2
    assert total([]) == Tally()


RULES = [rule(Exclusion(code)) for code in ("K-limits", "again", "quiet")]
CASE = Case("K-limits", "K", "7", fires=True, expect="hold", title="Too high")


def report(counted: Tally, *outcomes: Outcome, **more: Any) -> dict[str, Any]:
    codes = {4: "K"}
    return make_report(
        RULES, outcomes, counted, since=NOON - DAY, until=NOON, laboratory="HUB", codes=codes, **more
    )


def test_the_report_gives_the_history_in_order() -> None:
    history = report(tally(), orders={30: "L-30"})["history"]
    assert (history["since"], history["until"]) == ("2026-11-21T12:00:00+00:00", "2026-11-22T12:00:00+00:00")
    assert (history["laboratory"], history["decided"]) == ("HUB", 6)
    assert list(history["before"].items()) == [("hold", 2), ("release", 4)]
    assert list(history["after"].items()) == [("hold", 2), ("release", 3), ("rerun", 1)]
    assert history["by_reason"] == [
        {"code": "no_rule", "before": 0, "after": 3},
        {"code": "critical", "before": 0, "after": 1},
        {"code": "delta", "before": 2, "after": 0},
        {"code": "rerun", "before": 1, "after": 0},
    ]
    assert [(one["from"], one["to"], one["cause"], one["count"]) for one in history["changed"]] == [
        ("hold", "release", "", 1),
        ("release", "hold", "K-limits", 1),
        ("release", "rerun", "no_rule", 1),
    ]


def test_the_most_frequent_change_stands_first() -> None:
    counted = numbered(1)
    for one in (2, 3):
        counted.count(kept(one, is_automatic=True), verdict("hold", CRITICAL))
    assert [one["count"] for one in report(counted)["history"]["changed"]] == [2, 1]


def test_by_test_it_says_what_is_newly_released_and_newly_held() -> None:
    names = ("code", "results", "released_before", "released_after", "newly_released", "newly_held")
    rows = report(tally())["history"]["by_test"]
    assert [tuple(one[name] for name in names) for one in rows] == [
        ("9", 1, 1, 1, 0, 0),
        ("K", 5, 3, 2, 1, 2),
    ]


def test_examples_name_order_and_test_where_they_are_known() -> None:
    with_number = report(tally(), orders={30: "L-30"})["history"]["changed"]
    example = with_number[1]["examples"][0]
    assert (example["order"], example["test"], example["result"]) == ("L-30", "K", 4)
    assert report(tally())["history"]["changed"][1]["examples"][0]["order"] == ""
    strange = Tally()
    strange.count(kept(1, test_id=77), verdict("release"))
    assert report(strange)["history"]["changed"][0]["examples"][0]["test"] == ""
    strange.examples.clear()
    assert report(strange)["history"]["changed"][0]["examples"] == []


def test_rules_say_how_often_they_fired_and_which_never_did() -> None:
    said = report(tally())
    assert said["rules"] == [
        {"code": "K-limits", "kind": "Exclusion", "fired": 2},
        {"code": "again", "kind": "Exclusion", "fired": 1},
        {"code": "quiet", "kind": "Exclusion", "fired": 0},
    ]
    assert said["never_fired"] == ["quiet"]


def test_only_the_rules_that_the_set_states_need_cases_of_their_own() -> None:
    assert report(Tally(), stated=RULES[1:2])["cases"]["uncovered"] == {"again": ["fires", "passes"]}
    assert report(Tally(), stated=())["cases"]["uncovered"] == {}


def test_cases_are_shown_with_what_came_of_them() -> None:
    passed = Outcome(CASE, True, verdict("hold", CRITICAL, rules=("K-limits",)))
    failed = Outcome(CASE, False, verdict("release"))
    cases = report(Tally(), passed, failed, passed)["cases"]
    assert (cases["run"], cases["failed"]) == (3, 1)
    assert cases["outcomes"][0] == {
        "rule": "K-limits",
        "title": "Too high",
        "test": "K",
        "value": "7",
        "fires": True,
        "expect": "hold",
        "passed": True,
        "action": "hold",
        "fired": ["K-limits"],
        "reasons": [CRITICAL.as_json()],
    }
    assert cases["uncovered"] == {
        "K-limits": ["passes"],
        "again": ["fires", "passes"],
        "quiet": ["fires", "passes"],
    }

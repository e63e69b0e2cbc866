"""Runs, changes, ages, limits and verdicts in full: each fact that a person reads."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.verification.rules.decision import Verdict, action_of, decide
from aliquot.flow.verification.rules.evidence import Run
from aliquot.flow.verification.rules.kinds.comment import comments_of
from aliquot.flow.verification.rules.kinds.delta import delta_reasons, percent_change
from aliquot.flow.verification.rules.kinds.limits import flag_and_reasons
from aliquot.flow.verification.rules.kinds.order_state import order_reasons
from aliquot.flow.verification.rules.kinds.rerun import agreeing_run, rerun_reasons
from aliquot.flow.verification.rules.kinds.stability import stability_reasons
from aliquot.flow.verification.rules.reasons import Reason, because, sentence, sentences
from aliquot.flow.verification.rules.shapes import (
    Body,
    Comment,
    Delta,
    Exclusion,
    Flags,
    Limits,
    Rerun,
    Span,
)
from aliquot.flow.verification.rules.spoken import Spoken
from tests.flow.verification.rules.evidences import (
    HOUR,
    NOW,
    D,
    among,
    book,
    case,
    decided,
    evidence,
    potassium,
    when,
)
from tests.flow.verification.rules.kinds.test_exact_reasons import ALWAYS, TEXTS, of, reason

NEVER = when("K < 0")
FIRST = Run(8, D("6.0"), "", "mmol/L", "", "held")


def rerun(first: Run | None = None, run: int = 1, **body: Any) -> list[Reason]:
    asked = Rerun("again", **{"when": ALWAYS, **body})
    seen, plan = case(asked, earlier_runs=(first,) if first else (), run=run)
    return rerun_reasons(among(seen), plan)


def test_a_rerun_is_asked_for_until_it_was_often_enough() -> None:
    assert rerun() == [reason("rerun_wanted", rule="again", action="rerun")]
    assert rerun(run=2) == [reason("rerun_exhausted", rule="again")]
    assert rerun(when=NEVER) == []


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (FIRST, "6"),
        (Run(8, D("4.2"), ">", "mmol/L", "", "held"), ">4.2"),
        (Run(8, None, "", "mmol/L", "", "held"), "-"),
    ],
)
def test_runs_that_differ_are_told_side_by_side(first: Run, told: str) -> None:
    differ = reason("runs_differ", ("first", told), ("second", "4.2"), rule="again")
    assert rerun(first, run=2, agree_percent=D(5)) == [differ]
    assert rerun(first, run=2, agree_absolute=D(1)) == [differ]


def test_one_rule_that_asks_does_not_hide_what_another_said() -> None:
    rules = [Rerun("plain", ALWAYS), Rerun("again", ALWAYS, agree_percent=D(5))]
    seen, plan = case(*rules, earlier_runs=(FIRST,))
    assert [one.code for one in rerun_reasons(among(seen), plan)] == ["rerun_wanted", "runs_differ"]


def test_without_an_earlier_run_or_a_rule_nothing_is_confirmed() -> None:
    assert agreeing_run(*case(Rerun("again", ALWAYS, agree_percent=D(5)))) is None
    assert agreeing_run(*case(earlier_runs=(FIRST,))) is None
    near = Run(8, D("4.2"), "", "mmol/L", "", "held")
    assert agreeing_run(*case(Rerun("again", ALWAYS, agree_percent=D(5)), earlier_runs=(near,))) == 8
    assert agreeing_run(*case(Rerun("again", ALWAYS), earlier_runs=(near,))) is None


def delta(current: str, mode: Any, *, limit_up: str = "20", limit_down: str = "10") -> list[Reason]:
    body = Delta(
        "change", mode=mode, limit_up=D(limit_up), limit_down=D(limit_down), window=timedelta(days=7)
    )
    before = {"previous_value": D("4.0"), "previous_collected_at": NOW - HOUR - timedelta(days=2, hours=1)}
    return of(delta_reasons, body, value=current, **before)


def told(percent: str, limit: str, name: str = "percent") -> Any:
    return ((name, percent), ("previous", "4"), ("days", "2"), ("limit", limit))


@pytest.mark.parametrize(
    ("current", "mode", "expected"),
    [
        ("4.8", "percent", []),
        ("4.81", "percent", [reason("delta", *told("20.3", "20"), rule="change")]),
        ("3.6", "percent", []),
        ("3.59", "percent", [reason("delta", *told("-10.3", "10"), rule="change")]),
        ("4.81", "rcv", [reason("delta_rcv", *told("20.3", "20"), rule="change")]),
        ("24.1", "absolute", [reason("delta_absolute", *told("20.1", "20", "change"), rule="change")]),
    ],
)
def test_a_change_says_how_much_from_what_since_when(current: str, mode: str, expected: list[Reason]) -> None:
    assert delta(current, mode) == expected


def test_a_small_change_up_is_told_with_its_own_limit() -> None:
    (found,) = delta("4.5", "absolute", limit_up="0.4", limit_down="0.3")
    assert dict(found.facts)["limit"] == "0.4"


def test_from_nothing_there_is_no_percentage() -> None:
    body = Delta("change", mode="percent", limit_up=D(20), limit_down=D(20), window=timedelta(days=7))
    before = {"previous_value": D(0), "previous_collected_at": NOW - 2 * HOUR}
    assert of(delta_reasons, body, **before) == [reason("delta_from_zero", rule="change")]
    assert percent_change(D(0), D(0)) == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"item_state": "reported"}, "already_reported"),
        ({"collected_at": None}, "collection_unknown"),
        ({"measured_at": None}, "measured_unknown"),
        ({"measured_at": NOW - 2 * HOUR}, "measured_before_collected"),
        ({"is_centrifuged": False, "stable_room_minutes": None}, "stability_unknown"),
        ({"unspun_room_minutes": None}, "stability_unknown"),
    ],
)
def test_what_is_not_known_is_said_in_a_word(changes: dict[str, Any], code: str) -> None:
    judge = order_reasons if "item_state" in changes else stability_reasons
    assert reason(code) in of(judge, **changes)


def test_a_computed_value_has_no_age_of_its_own() -> None:
    assert of(stability_reasons, analyzer_id=None, is_manual=False, collected_at=None) == []


def test_too_old_says_how_old_in_whole_minutes() -> None:
    seen = {"is_centrifuged": False, "stable_room_minutes": 59, "measured_at": NOW + timedelta(seconds=59)}
    assert of(stability_reasons, **seen) == [reason("stability_exceeded", ("minutes", "60"), ("limit", "59"))]
    unspun = {"spun_at": NOW, "unspun_room_minutes": 59, "stable_room_minutes": 60}
    assert of(stability_reasons, **unspun) == [reason("unspun_too_long", ("minutes", "60"), ("limit", "59"))]
    assert of(stability_reasons, collected_at=NOW, spun_at=NOW) == []


def test_comments_of_flags_stand_before_those_of_conditions() -> None:
    bodies: list[Body] = [
        Flags("dirt", {"dust": "comment"}, **TEXTS),
        Comment("late", ALWAYS, "Late.", "Поздно."),
    ]
    seen, plan = case(*bodies, analyzer_flags=("dust",))
    assert comments_of(among(seen), plan) == [
        Spoken("dirt", "Wait.", "Ждать."),
        Spoken("late", "Late.", "Поздно."),
    ]


def beyond(code: str, value: str, limit: str) -> Reason:
    return reason(code, ("value", value), ("limit", limit), rule="own")


LIMITS = Limits("own", autoverification=Span(D(3), D(6)), critical=Span(D(2), D(7)), absurd=Span(D(1), D(9)))


@pytest.mark.parametrize(
    ("value", "flag", "expected"),
    [
        (
            "0.9",
            "L",
            [beyond("outside_technical", "0.9", "1"), beyond("outside_autoverification", "0.9", "3")],
        ),
        (
            "9.1",
            "H",
            [beyond("outside_technical", "9.1", "9"), beyond("outside_autoverification", "9.1", "6")],
        ),
        ("1", "LL", [reason("critical", ("value", "1"), ("limit", "2"), rule="own")]),
        ("9", "HH", [reason("critical", ("value", "9"), ("limit", "7"), rule="own")]),
        ("2", "L", [reason("outside_autoverification", ("value", "2"), ("limit", "3"), rule="own")]),
        ("7", "H", [reason("outside_autoverification", ("value", "7"), ("limit", "6"), rule="own")]),
        ("3", "L", []),
        ("6", "H", []),
        ("3.5", "N", []),
        ("5.1", "N", []),
    ],
)
def test_limits_say_which_was_passed(value: str, flag: str, expected: list[Reason]) -> None:
    seen, plan = case(LIMITS, value=D(value), value_text=value)
    found_flag, found = flag_and_reasons(seen, plan)
    assert (found_flag, found) == (flag, expected)


def test_units_words_and_findings_are_told_as_they_came() -> None:
    assert of(lambda *one: flag_and_reasons(*one)[1], unit="") == [
        reason("unit_differs", ("unit", "-"), ("expected", "mmol/L"))
    ]
    assert of(lambda *one: flag_and_reasons(*one)[1], value=None, value_text="high") == [
        reason("not_numeric", ("value", "high"))
    ]


def test_without_a_book_of_the_test_nothing_is_said_but_that() -> None:
    strange = evidence(test_id=99)
    assert decide(strange, book()) == Verdict("hold", "", None, None, (because("no_rule"),), critical=False)


def test_a_verdict_carries_the_interval_and_what_fired_once() -> None:
    found = decided(Exclusion("out", **TEXTS), Exclusion("too", **TEXTS))
    assert (found.low, found.high, found.rules, found.confirms) == (D("3.5"), D("5.1"), ("out", "too"), None)


@pytest.mark.parametrize("code", ["item_closed", "already_reported"])
def test_what_is_closed_or_reported_is_neither_suppressed_nor_drawn_again(code: str) -> None:
    suppress = because("index_too_high", action="suppress")
    assert action_of([suppress]) == "suppress"
    assert action_of([suppress, because(code)]) == "hold"
    assert action_of([because("rerun_wanted", action="rerun"), because(code)]) == "hold"


def test_only_what_is_suppressed_is_kept_as_such() -> None:
    assert because("critical", rule="own", action="suppress", value=7).as_json() == {
        "code": "critical",
        "value": "7",
        "rule": "own",
        "action": "suppress",
    }
    assert because("critical", action="rerun").as_json() == {"code": "critical"}


def test_sentences_are_said_in_the_readers_words() -> None:
    kept = [{"code": "no_rule"}, {}]
    assert sentences(kept, str.upper) == [sentence(one, str.upper) for one in kept]
    assert sentences(kept, str.upper)[0].isupper()
    assert sentence({}) == sentence({"code": "of_tomorrow"})


def test_potassium_is_what_the_others_change() -> None:
    assert potassium("4.2") == evidence()

"""The kinds of rules, each at its edges, through the one decision."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.verification.rules.decision import Verdict, decide
from aliquot.flow.verification.rules.evidence import Evidence, Run, Sibling, Siblings
from aliquot.flow.verification.rules.expressions.expression import Expression, compile_expression
from aliquot.flow.verification.rules.kinds.delta import change_between, rcv_limits
from aliquot.flow.verification.rules.kinds.indices import bias_at
from aliquot.flow.verification.rules.kinds.measuring_range import dilution_factor
from aliquot.flow.verification.rules.population import Population
from aliquot.flow.verification.rules.shapes import (
    Comment,
    Consistency,
    Delta,
    Exclusion,
    Flags,
    Indices,
    Limits,
    MeasuringRange,
    Quality,
    Reflex,
    Rerun,
    Span,
    Swap,
)
from tests.flow.verification.rules.evidences import (
    HOUR,
    NOW,
    TYPES,
    book,
    case,
    decided,
    evidence,
    potassium,
    rule,
    with_siblings,
)

DAY = timedelta(days=1)


def D(text: str | int) -> Decimal:  # noqa: N802 - a number as the rules have it
    return Decimal(text)


def when(text: str) -> Expression:
    return compile_expression(text, TYPES)


def codes(verdict: Verdict) -> list[str]:
    return [one.code for one in verdict.reasons]


# --- Limits ---------------------------------------------------------------------------------------------------

RELEASE = Limits("release", Span(D("3.0"), D("5.8")))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3.0", []),
        ("2.99", ["outside_autoverification"]),
        ("5.8", []),
        ("5.81", ["outside_autoverification"]),
    ],
)
def test_the_limits_of_release_are_inside(value: str, expected: list[str]) -> None:
    verdict = decided(rule(RELEASE, "K"), value=D(value))
    assert codes(verdict) == expected
    assert verdict.rules == (("release",) if expected else ())


def test_what_a_rule_does_not_say_is_taken_from_the_next_less_specific_one() -> None:
    assert codes(decided(rule(RELEASE, "K"), value=D("6.3"))) == ["critical"]
    own = Limits("own", critical=Span(D(2), D(7)))
    assert codes(decided(rule(own, "K"), value=D("6.3"))) == []


@pytest.mark.parametrize(
    ("comparator", "value", "bound", "expected"),
    [
        ("<", "4", Span(None, D("5.8")), []),
        ("<", "4", Span(D(0), D(6)), []),
        ("<", "4", Span(D(1), D(6)), ["off_scale"]),
        ("<", "4", Span(None, D("3.9")), ["off_scale"]),
        ("<", "4", Span(), []),
    ],
)
def test_a_value_below_its_sign_is_inside_the_limits_whatever_it_is(
    comparator: str, value: str, bound: Span, expected: list[str]
) -> None:
    body = rule(Limits("r", bound), "K")
    verdict = decided(body, value=D(value), comparator=comparator, low=None, critical_low=None)
    assert codes(verdict) == expected


def test_one_open_side_leaves_the_other_to_the_limits_beyond() -> None:
    body = rule(Limits("r", Span(D(3), None), critical=Span()), "K")
    assert codes(decided(body, value=D("5.5"))) == ["no_limit_beyond"]
    assert codes(decided(body, value=D("3.2"))) == []


def test_equally_specific_rules_hold_where_nobody_noticed() -> None:
    one, two = rule(Limits("a", critical=Span(D(2))), "K"), rule(Limits("b", critical=Span(D(3))), "K")
    assert codes(decided(one, two)) == ["rules_contradict"]
    a, b = (rule(Delta(name, limit_up=D(5), limit_down=D(5), window=DAY), "K") for name in "ab")
    verdict = decided(a, b)
    assert verdict.reasons[0].as_json() == {"code": "rules_contradict", "rules": "a, b"}


# --- Delta ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "value", "earlier", "days", "limit", "direction", "expected"),
    [
        ("absolute", "5.0", "4.0", 1, "1.0", "both", []),
        ("absolute", "5.1", "4.0", 1, "1.0", "both", ["delta_absolute"]),
        ("absolute", "4.0", "5.1", 1, "1.0", "both", ["delta_absolute"]),
        ("absolute", "4.0", "5.1", 1, "1.0", "increase", []),
        ("absolute", "5.1", "4.0", 1, "1.0", "decrease", []),
        ("absolute", "4.0", "5.1", 1, "1.0", "decrease", ["delta_absolute"]),
        ("rate", "5.0", "4.0", 5, "0.3", "both", []),
        ("rate", "5.0", "4.0", 3, "0.3", "both", ["delta_rate"]),
        ("rate_percent", "5.0", "4.0", 5, "5", "both", []),
        ("rate_percent", "5.0", "4.0", 5, "4.9", "both", ["delta_rate_percent"]),
        ("rcv", "4.5", "4.0", 5, "12.4", "both", ["delta_rcv"]),
        ("percent", "4.5", "0", 5, "12.4", "both", ["delta_from_zero"]),
        ("percent", "5.0", "4.0", 31, "5", "both", []),
    ],
)
def test_every_mode_of_delta(  # noqa: PLR0917 - a row of the table
    mode: Any, value: str, earlier: str, days: int, limit: str, direction: Any, expected: list[str]
) -> None:
    body = Delta("d", mode, D(limit), D(limit), timedelta(days=30), direction)
    seen = {"previous_value": D(earlier), "previous_collected_at": NOW - HOUR - days * DAY}
    assert codes(decided(rule(body, "K"), value=D(value), **seen)) == expected


def test_a_delta_of_another_mode_names_its_figures() -> None:
    body = Delta("d", "rate", D("0.3"), D("0.3"), timedelta(days=30))
    verdict = decided(
        rule(body, "K"), value=D(5), previous_value=D(4), previous_collected_at=NOW - HOUR - 3 * DAY
    )
    assert verdict.reasons[0].as_json() == {
        "code": "delta_rate",
        "previous": "4",
        "days": "3",
        "limit": "0.3",
        "change": "0.333",
        "rule": "d",
    }


def test_the_published_reference_change_values() -> None:
    """HbA1c with CVA 1.5 and CVI 1.9: 6.7 %. Source: Fraser 2001; the other figures by the same formula."""
    up, down = rcv_limits(D("1.5"), D("1.9"), D("1.96"), is_lognormal=False)
    assert (round(up, 4), up) == (D("6.7100"), down)
    up, down = rcv_limits(D("2.5"), D("20"), D("1.96"), is_lognormal=True)
    assert (round(up, 4), round(down, 4)) == (D("73.8692"), D("42.4855"))


def test_a_change_from_zero_has_no_percentage() -> None:
    assert change_between(D(1), D(0), "rate_percent", DAY) is None
    assert change_between(D(1), D(0), "absolute", DAY) == 1


# --- Quality --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "changes", "expected"),
    [
        (Quality("q"), {}, []),
        (Quality("q", frozenset({"in_control"})), {}, ["qc_plan_missing"]),
        (Quality("q", frozenset({"in_control"})), {"qc_state": "in_control"}, []),
        (
            Quality("q"),
            {"is_calibrated": False, "is_reagent_valid": False},
            ["calibration_expired", "reagent_expired"],
        ),
        (
            Quality("q", calibration=False, reagent=False),
            {"is_calibrated": False, "is_reagent_valid": False},
            [],
        ),
        (None, {"is_calibrated": False}, ["calibration_expired"]),
    ],
)
def test_the_state_of_the_analyzer(
    body: Quality | None, changes: dict[str, Any], expected: list[str]
) -> None:
    assert codes(decided(*([body] if body else []), **changes)) == expected


# --- Flags ----------------------------------------------------------------------------------------------------

FLAGS = Flags(
    "f",
    {
        "a": "ignore",
        "b": "comment",
        "c": "hold",
        "d": "rerun",
        "e": "suppress",
        "low": "hold",
        "replayed": "hold",
    },
    text_en="B was seen",
    text_ru="Было B",
)


@pytest.mark.parametrize(
    ("flag", "action", "comments"),
    [
        ("a", "release", 0),
        ("b", "release", 1),
        ("c", "hold", 0),
        ("d", "rerun", 0),
        ("e", "suppress", 0),
        ("low", "hold", 0),
        ("high", "release", 0),
        ("replayed", "hold", 0),
        ("message:x", "hold", 0),
        ("unknown:x", "hold", 0),
    ],
)
def test_what_a_flag_brings(flag: str, action: str, comments: int) -> None:
    verdict = decided(FLAGS, analyzer_flags=[flag])
    assert (verdict.action, len(verdict.comments)) == (action, comments)
    assert verdict.rerun == ("" if action == "rerun" else None)


def test_an_old_message_that_says_something_else_waits() -> None:
    assert codes(decided(analyzer_flags=["replayed"])) == ["replayed"]


def test_a_rerun_for_a_flag_is_bounded() -> None:
    assert decided(FLAGS, analyzer_flags=["d"], run=2).action == "hold"


@pytest.mark.parametrize(
    "changes", [{"item_state": "cancelled"}, {"is_manual": True}, {"is_suspended": True}]
)
def test_nothing_is_measured_again_where_it_serves_nobody(changes: dict[str, Any]) -> None:
    assert decided(FLAGS, analyzer_flags=["d"], **changes).action == "hold"


def test_a_cancelled_test_is_not_suppressed() -> None:
    assert decided(FLAGS, analyzer_flags=["e"], item_state="cancelled").action == "hold"


def test_the_most_specific_rule_that_names_a_flag_speaks() -> None:
    own = rule(Flags("own", {"c": "ignore"}), "K")
    assert decided(FLAGS, own, analyzer_flags=["c"]).release


@pytest.mark.parametrize("condition", ["UNLAB", "FEWID", "MISID", "MISREQ"])
def test_doubt_whose_tube_it_is_spoils_every_test(condition: str) -> None:
    assert codes(decided(conditions=[condition])) == ["specimen_spoilt"]


# --- Measuring range -----------------------------------------------------------------------------------------

RANGE = MeasuringRange("r", D(2), D(8), "dilute", "report", ("10", "5"))
WIDE = {"critical_low": D("0.1"), "critical_high": D(1000), "low": D("0.1"), "high": D(900)}


@pytest.mark.parametrize(
    ("value", "comparator", "dilution", "action", "asked"),
    [
        ("8", "", "", "release", None),
        ("8.1", "", "", "rerun", "5"),
        ("8", ">", "", "rerun", "5"),
        ("9", "<", "", "hold", None),
        ("40", "", "5", "release", None),
        ("41", "", "5", "rerun", "10"),
        ("81", "", "1:10", "hold", None),
        ("9", "", "5", "hold", None),
        ("4", "", "much", "hold", None),
        ("2", "<", "", "release", None),
        ("1.9", "", "", "hold", None),
        ("2", ">", "", "hold", None),
    ],
)
def test_beyond_the_measuring_range(
    value: str, comparator: str, dilution: str, action: str, asked: str | None
) -> None:
    verdict = decided(RANGE, value=D(value), comparator=comparator, dilution=dilution, **WIDE)
    assert (verdict.action, verdict.rerun) == (action, asked)


def test_a_rule_may_report_what_lies_above_with_its_sign() -> None:
    body = MeasuringRange("r", None, D(8), "report")
    assert decided(body, value=D(8), comparator=">", **WIDE).release
    assert codes(decided(body, value=D(9), **WIDE)) == ["above_range"]
    assert codes(decided(body, value=D(7), comparator=">", **WIDE)) == ["off_scale"]
    held = MeasuringRange("r", D(2), D(8))
    assert codes(decided(held, value=D(8), comparator=">", **WIDE)) == ["off_scale", "above_range"]


@pytest.mark.parametrize("changes", [{"value": None}, {"value": D("NaN")}, {"unit": "mg/dL"}])
def test_what_is_no_number_in_the_unit_is_left_to_the_limits(changes: dict[str, Any]) -> None:
    assert "dilute" not in codes(decided(RANGE, **changes))


@pytest.mark.parametrize(
    ("text", "factor"), [("", 1), ("5", 5), ("1:5", 5), ("x10", 10), ("0", None), ("five", None), ("²", None)]
)
def test_a_dilution_is_a_number(text: str, factor: int | None) -> None:
    assert dilution_factor(text) == factor


# --- Indices --------------------------------------------------------------------------------------------------

BIAS = ((D(1), D(4)), (D(2), D(10)))
HAEMOLYSIS = Indices("h", "H", BIAS, D(3), D(12), D(10))


@pytest.mark.parametrize(
    ("level", "bias"), [("0", "0"), ("0.5", "2"), ("1", "4"), ("1.5", "7"), ("2", "10"), ("2.1", None)]
)
def test_the_bias_is_linear_between_own_measurements(level: str, bias: str | None) -> None:
    assert bias_at(BIAS, D(level)) == (None if bias is None else D(bias))


def test_a_bias_measured_at_nought_is_itself() -> None:
    assert bias_at(((D(0), D(1)), (D(1), D(2))), D(0)) == 1


@pytest.mark.parametrize(
    ("body", "level", "action", "code"),
    [
        (HAEMOLYSIS, "3", "hold", "index_beyond"),
        (Indices("h", "H", ((D(1), D(13)),), D(3), D(12)), "2", "suppress", "interference"),
        (Indices("h", "H", ((D(1), D(13)),), D(3), D(12)), "1", "suppress", "interference"),
        (HAEMOLYSIS, "10", "suppress", "index_too_high"),
        (Indices("h", "L", suppress_from=D(5)), "1", "hold", "index_missing"),
    ],
)
def test_an_index_that_forbids_release(body: Indices, level: str, action: str, code: str) -> None:
    verdict = decided(body, indices={"H": D(level)})
    assert (verdict.action, codes(verdict)) == (action, [code])
    assert verdict.comments == ()


def test_where_no_index_is_measured_a_rule_may_be_skipped() -> None:
    assert decided(Indices("h", "H", BIAS, D(3), D(12), missing="skip")).release
    assert decided(Indices("h", "H", suppress_from=D(10)), indices={"H": D(1)}).comments == ()


def test_a_noticeable_bias_is_told() -> None:
    verdict = decided(HAEMOLYSIS, indices={"H": D(1)})
    assert (verdict.action, verdict.rules) == ("release", ("h",))
    assert "falsely high by about 4 %" in verdict.comments[0].text_en
    assert "завышен" in verdict.comments[0].text_ru


# --- Consistency, exclusion, comment, reflex ----------------------------------------------------------------------

EDTA = Consistency("edta", when("K > 6.0 and CA < 1.9"), text_en="EDTA", text_ru="ЭДТА")


def among(seen: Evidence, **values: str) -> Evidence:
    units = {code: one.unit for code, one in TYPES.items()}
    return with_siblings(
        seen, [(code, Sibling(D(text), text, "", units[code])) for code, text in values.items()]
    )


@pytest.mark.parametrize(
    ("body", "calcium", "expected"),
    [
        (EDTA, "1.2", ["critical", "inconsistent"]),
        (EDTA, "2.4", ["critical"]),
        (EDTA, None, ["critical"]),
        (Consistency("c", EDTA.when, missing="hold"), None, ["critical", "inconsistent_unknown"]),
    ],
)
def test_values_that_cannot_stand_beside_each_other(
    body: Consistency, calcium: str | None, expected: list[str]
) -> None:
    seen = among(potassium("7.4"), **({"CA": calcium} if calcium else {}))
    assert codes(decide(seen, book(body))) == expected


def test_a_contradiction_may_suppress_and_spare_the_call() -> None:
    seen = among(potassium("7.4"), CA="1.2")
    verdict = decide(seen, book(Consistency("c", EDTA.when, suppress=True, call=False)))
    assert (verdict.action, verdict.critical, verdict.flag) == ("suppress", False, "HH")
    assert decide(seen, book(EDTA)).critical


def test_an_exclusion_holds_whom_it_covers() -> None:
    body = rule(Exclusion("x", "ICU", "ОРИТ"), population=Population(wards=("ICU",)))
    assert codes(decided(body, ward="ICU")) == ["excluded"]
    assert decided(body, ward="7").release


def test_a_comment_is_spoken_when_its_condition_is_met() -> None:
    body = Comment("c", when("K > 4"), "high", "высокий")
    assert [one.text_ru for one in decide(among(potassium("4.2")), book(body)).comments] == ["высокий"]
    assert decide(among(potassium("4.0")), book(body)).comments == ()


@pytest.mark.parametrize(
    ("value", "changes", "others", "fires"),
    [
        ("4.2", {}, {}, True),
        ("4.0", {}, {}, False),
        ("4.2", {}, {"CA": "2"}, False),
        ("6.9", {}, {}, True),
        ("4.2", {"is_suspended": True}, {}, False),
    ],
)
def test_a_reflex_is_brought_by_the_height_of_a_value_alone(
    value: str, changes: dict[str, Any], others: dict[str, str], *, fires: bool
) -> None:
    body = Reflex("x", when("K > 4"), ("CA",))
    verdict = decide(among(potassium(value, **changes), **others), book(body))
    assert verdict.reflex == ((body,) if fires else ())
    assert ("x" in verdict.rules) is fires


def test_a_suppressed_value_brings_nothing() -> None:
    body = Reflex("x", when("K > 4"), ("CA",))
    seen = among(potassium("4.2", analyzer_flags=["e"]))
    verdict = decide(seen, book(body, FLAGS, Comment("c", when("K > 4"), "e", "r")))
    assert (verdict.action, verdict.reflex, verdict.comments) == ("suppress", (), ())


# --- Rerun ----------------------------------------------------------------------------------------------------

RERUN = Rerun("again", when("K > 6"), 2, agree_percent=D(5), agree_absolute=D("0.1"))


def run(value: str | None, key: int = 1, **changes: Any) -> Run:
    facts = {"comparator": "", "unit": "mmol/L", "dilution": "", "state": "held", **changes}
    return Run(key, None if value is None else D(value), **facts)


def second(value: str, *runs: Run, **changes: Any) -> Evidence:
    return among(
        potassium(value, result_id=9, run=1 + len(runs), is_rerun=True, earlier_runs=runs, **changes)
    )


def test_a_test_is_measured_again_when_its_rule_says() -> None:
    verdict = decide(among(potassium("6.1")), book(RERUN))
    assert (verdict.action, codes(verdict), verdict.rerun) == ("rerun", ["rerun_wanted"], "")
    assert decide(among(potassium("6.0")), book(RERUN)).release


def test_a_rerun_without_an_allowance_is_bounded_by_its_number() -> None:
    body = Rerun("again", when("K > 6"), 2)
    verdict = decide(second("6.1", run("6.1")), book(body))
    assert (verdict.action, codes(verdict), verdict.confirms) == ("hold", ["rerun", "rerun_exhausted"], None)


@pytest.mark.parametrize(
    ("value", "runs", "expected", "confirms"),
    [
        ("6.3", [run("6.0")], ["rerun"], 1),
        ("6.31", [run("6.0")], ["rerun", "runs_differ"], None),
        ("0.2", [run("0.1")], ["rerun"], 1),
        ("6.3", [run("6.2", 2), run("6.0", 1)], ["rerun"], 1),
        ("6.3", [run(None)], ["rerun", "runs_differ"], None),
        ("6.3", [run("NaN")], ["rerun", "runs_differ"], None),
        ("6.3", [run("6.3", comparator=">")], ["rerun", "runs_differ"], None),
        ("6.3", [run("6.3", unit="mg/dL")], ["rerun", "runs_differ"], None),
    ],
)
def test_the_first_run_is_kept_when_the_second_agrees(
    value: str, runs: list[Run], expected: list[str], confirms: int | None
) -> None:
    wide: dict[str, Any] = {
        "critical_low": None,
        "critical_high": D(9),
        "technical_low": D("0.1"),
        "high": D(8),
        "low": D("0.1"),
    }
    verdict = decide(second(value, *runs), book(RERUN, **wide))
    assert (verdict.action, codes(verdict), verdict.confirms) == ("hold", expected, confirms)


def test_without_a_rule_no_run_confirms_another() -> None:
    assert decide(second("4.2", run("4.2")), book()).confirms is None


def test_a_missing_first_run_confirms_nothing() -> None:
    assert decide(second("4.2"), book(RERUN)).confirms is None


# --- Swap -----------------------------------------------------------------------------------------------------

SWAP = Swap("s", {"K": (D(10), D(1)), "CA": (D(10), D(2)), "ALP": (D(10), D(1))}, 2, D(3), timedelta(days=30))


def past(now: str | None, before: str | None, days: float = 1, **changes: Any) -> Sibling:
    return Sibling(
        value=None if now is None else D(now),
        value_text=now or "",
        comparator=changes.pop("comparator", ""),
        unit="mmol/L",
        collected_at=NOW - HOUR,
        previous_value=None if before is None else D(before),
        previous_collected_at=None if before is None else NOW - HOUR - days * DAY,
    )


def swapped(**siblings: Sibling) -> Verdict:
    seen = evidence(previous_value=D("4.1"), previous_collected_at=NOW - HOUR - DAY)
    return decide(with_siblings(seen, siblings.items()), book(SWAP))


def test_values_that_change_together_hold_every_result_of_the_order() -> None:
    verdict = swapped(CA=past("2.4", "1.2"), ALP=past("80", "40"))
    assert verdict.reasons[0].as_json() == {
        "code": "swapped",
        "tests": "CA, ALP",
        "score": "3",
        "compared": "3",
        "rule": "s",
    }


@pytest.mark.parametrize(
    "alp",
    [
        past("42", "40"),
        past("80", None),
        past(None, "40"),
        past("NaN", "40"),
        past("80", "40", comparator="<"),
        past("80", "40", days=31),
        past("80", "40", days=-1),
        past("80", "0"),
    ],
)
def test_what_cannot_be_compared_does_not_count(alp: Sibling) -> None:
    assert swapped(CA=past("2.4", "1.2"), ALP=alp).release


def test_too_few_to_compare_find_no_swap() -> None:
    lonely = Swap("s", {"CA": (D(10), D(5))}, 2, D(3), timedelta(days=30))
    seen = with_siblings(evidence(), [("CA", past("2.4", "1.2"))])
    assert decide(seen, book(lonely)).release


def test_a_swap_is_worked_out_once_for_an_order_and_anew_for_another_rule() -> None:
    seen = with_siblings(evidence(), [("CA", past("2.4", "1.2")), ("ALP", past("80", "40"))])
    first = decide(seen, book(SWAP))
    assert first == decide(seen, book(SWAP))
    assert len(seen.siblings.memo) == 1
    milder = Swap("s", SWAP.limits, 2, D(4), SWAP.window)
    assert decide(seen, book(milder)).release


def test_evidence_without_siblings_stands_alone() -> None:
    seen, plan = case()
    assert (seen.siblings, plan.swaps) == (Siblings(), ())

"""Every reason and every comment in full: its code, its rule, what it asks for, and each fact that a person reads."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.book import compile_book
from aliquot.flow.verification.rules.kinds.consistency import consistency_reasons
from aliquot.flow.verification.rules.kinds.exclusion import exclusion_reasons
from aliquot.flow.verification.rules.kinds.flags import condition_reasons, flag_reasons
from aliquot.flow.verification.rules.kinds.indices import bias_at, index_comments, index_reasons
from aliquot.flow.verification.rules.kinds.measuring_range import range_reasons
from aliquot.flow.verification.rules.kinds.quality import quality_reasons
from aliquot.flow.verification.rules.plan import UNIT_CHANGED, Suspension
from aliquot.flow.verification.rules.reasons import Reason
from aliquot.flow.verification.rules.shapes import (
    Body,
    Consistency,
    Exclusion,
    Flags,
    Indices,
    MeasuringRange,
    Quality,
)
from aliquot.flow.verification.rules.spoken import Spoken
from tests.flow.verification.rules.evidences import (
    CATALOGUE_LIMITS,
    D,
    among,
    case,
    evidence,
    facts,
    rule,
    when,
)

TEXTS: Any = {"text_en": "Wait.", "text_ru": "Ждать."}
SAID = (("text_en", "Wait."), ("text_ru", "Ждать."))
ALWAYS = when("K > 0")


def reason(
    code: str, *told: tuple[str, str], rule: str = "", action: Any = "hold", call: bool = True
) -> Reason:
    return Reason(code, told, rule, action, call)


def of(judge: Any, *bodies: Body, **changes: Any) -> list[Reason]:
    if "value" in changes and isinstance(changes["value"], str):
        changes["value_text"], changes["value"] = changes["value"], D(changes["value"])
    found: list[Reason] = judge(*case(*bodies, **changes))
    return found


def test_exclusion_says_for_whom() -> None:
    assert of(exclusion_reasons, Exclusion("out", **TEXTS)) == [reason("excluded", *SAID, rule="out")]


@pytest.mark.parametrize(("suppress", "action"), [(True, "suppress"), (False, "hold")])
def test_consistency_says_what_contradicts_and_whether_to_call(*, suppress: bool, action: str) -> None:
    silent = Consistency("edta", ALWAYS, suppress=suppress, call=False, **TEXTS)
    seen, plan = case(silent)
    assert consistency_reasons(among(seen), plan) == [
        reason("inconsistent", *SAID, rule="edta", action=action, call=False)
    ]
    unknown = Consistency("edta", when("CA > 1"), missing="hold", **TEXTS)
    seen, plan = case(unknown)
    assert consistency_reasons(seen, plan) == [reason("inconsistent_unknown", *SAID, rule="edta")]
    seen, plan = case(Consistency("edta", when("CA > 1"), **TEXTS))
    assert consistency_reasons(seen, plan) == []


@pytest.mark.parametrize(
    ("flag", "code", "told"),
    [
        ("message:M7", "instrument_message", (("message", "M7"),)),
        ("unknown:flag 'Z'", "unknown_flag", (("what", "flag 'Z'"),)),
        ("replayed", "replayed", ()),
        ("dust", "analyzer_flag", (("flag", "dust"),)),
    ],
)
def test_a_flag_says_what_the_analyzer_said_and_by_which_rule(flag: str, code: str, told: Any) -> None:
    def judged(run: int = 1, **on: Any) -> list[Reason]:
        rules = [Flags("dirt", {flag: one}, most=2, **TEXTS) for one in on.values()]
        return of(flag_reasons, *rules, analyzer_flags=(flag,), run=run)

    assert judged() == [reason(code, *told)]
    assert judged(on="hold") == [reason(code, *told, rule="dirt")]
    assert judged(on="suppress") == [reason(code, *told, rule="dirt", action="suppress")]
    assert judged(on="rerun") == [reason(code, *told, rule="dirt", action="rerun")]
    assert judged(2, on="rerun") == [reason(code, *told, rule="dirt")]
    assert judged(on="ignore") == judged(on="comment") == []


def test_a_condition_of_the_tube_is_named_as_what_spoils_or_as_what_was_seen() -> None:
    seen = ("HAEM", "MISID", "CLOT")
    assert of(condition_reasons, conditions=seen) == [
        reason("specimen_spoilt", ("condition", "HAEM")),
        reason("specimen_spoilt", ("condition", "MISID")),
    ]
    assert of(condition_reasons, conditions=seen, spoilt_by=()) == [
        reason("specimen_condition", ("condition", "HAEM")),
        reason("specimen_spoilt", ("condition", "MISID")),
        reason("specimen_condition", ("condition", "CLOT")),
    ]
    computed: dict[str, Any] = {"analyzer_id": None, "is_manual": False}
    assert of(condition_reasons, conditions=seen, **computed) == []
    assert of(condition_reasons, conditions=seen, analyzer_id=None, is_manual=True) != []


HAEMOLYSIS: dict[str, Any] = {"index": "H", "bias": ((D(1), D(2)), (D(5), D(12))), "analytical_percent": D(3)}


def index(level: str, **changes: Any) -> list[Reason]:
    body = Indices("haem", **HAEMOLYSIS | {"rcv_percent": D(10)} | changes)
    return of(index_reasons, body, indices={"H": D(level)} if level else {})


def test_an_index_says_how_high_it_is_and_what_it_does() -> None:
    assert index("") == [reason("index_missing", ("index", "H"), rule="haem")]
    assert index("", missing="skip") == []
    told = (("index", "H"), ("level", "4.5"))
    assert index("4.5") == [
        reason("interference", ("percent", "10.8"), *told, rule="haem", action="suppress")
    ]
    assert index("4.2") == []  # 10 % is the limit itself
    assert index("4.5", suppress_from=D("4.5")) == [
        reason("index_too_high", *told, ("limit", "4.5"), rule="haem", action="suppress")
    ]
    assert index("4.4", suppress_from=D("4.5"), bias=()) == []
    beyond = reason("index_beyond", ("limit", "5"), ("index", "H"), ("level", "5.1"), rule="haem")
    assert index("5.1", rcv_percent=D(12)) == [beyond]
    assert index("5.1", rcv_percent=None) == [beyond]
    assert index("5", rcv_percent=D(12)) == []
    known = reason(
        "interference", ("percent", "12"), ("index", "H"), ("level", "9"), rule="haem", action="suppress"
    )
    assert index("9", rcv_percent=D("11.9")) == [known]
    falls = {"bias": ((D(1), D(-2)), (D(5), D(-12)))}
    assert index("9", rcv_percent=D("11.9"), **falls)[0].facts[0] == ("percent", "-12")


@pytest.mark.parametrize(
    ("level", "percent"),
    [("0", "0"), ("0.5", "1"), ("1", "2"), ("2", "4.5"), ("3", "7"), ("5", "12"), ("5.01", None)],
)
def test_between_measurements_a_bias_is_linear(level: str, percent: str | None) -> None:
    measured = HAEMOLYSIS["bias"]
    assert bias_at(measured, D(level)) == (None if percent is None else D(percent))
    assert bias_at(((D(0), D(1)), (D(2), D(5))), D(0)) == 1
    assert bias_at(((D(0), D(1)), (D(2), D(5))), D(1)) == 3


def words(level: str, **changes: Any) -> list[Spoken]:
    body = Indices("haem", **HAEMOLYSIS | {"rcv_percent": D(10)} | changes)
    return index_comments(*case(body, indices={"H": D(level)} if level else {}))


def test_a_comment_names_the_direction_and_the_size() -> None:
    assert words("2") == [
        Spoken(
            "haem",
            "Haemolysis (index 2): the value may be falsely high by about 4.5 %.",
            "Гемолиз (индекс 2): результат может быть завышен примерно на 4.5 %.",
        )
    ]
    falls = words("2.01", index="H", bias=((D(5), D("-12.5")),))
    assert falls == [
        Spoken(
            "haem",
            "Haemolysis (index 2.01): the value may be falsely low by about 5 %.",
            "Гемолиз (индекс 2.01): результат может быть занижен примерно на 5 %.",
        )
    ]
    assert words("1.4") != []  # 3 % is the specification itself
    assert words("1.39") == words("") == words("4.21") == words("6") == []
    assert words("4.2") != []
    assert words("2", analytical_percent=None) == []


RANGE = {"low": D(2), "high": D(8)}


def measured(value: str, comparator: str = "", dilution: str = "", **changes: Any) -> list[Reason]:
    body = MeasuringRange("range", **RANGE | {"dilutions": ("10", "5")} | changes)
    return of(range_reasons, body, value=value, comparator=comparator, dilution=dilution)


@pytest.mark.parametrize(
    ("given", "changes", "expected"),
    [
        (("8",), {}, None),
        (("8.1",), {}, reason("above_range", ("value", "8.1"), ("limit", "8"), rule="range")),
        (("8", ">"), {}, reason("above_range", ("value", ">8"), ("limit", "8"), rule="range")),
        (("8", "<"), {}, None),
        (("9", "<"), {}, None),
        (
            ("8.1",),
            {"above": "report"},
            reason("above_range", ("value", "8.1"), ("limit", "8"), rule="range"),
        ),
        (("8", ">"), {"above": "report"}, None),
        (
            ("8.1",),
            {"above": "dilute"},
            reason(
                "dilute", ("dilution", "5"), ("value", "8.1"), ("limit", "8"), rule="range", action="rerun"
            ),
        ),
        (
            ("40.1", "", "5"),
            {"above": "dilute"},
            reason(
                "dilute", ("dilution", "10"), ("value", "40.1"), ("limit", "40"), rule="range", action="rerun"
            ),
        ),
        (
            ("80.1", "", "1:10"),
            {"above": "dilute"},
            reason("above_range", ("value", "80.1"), ("limit", "80"), rule="range"),
        ),
        (("40", "", "5"), {"above": "dilute"}, None),
        (("40.1", "", "5"), {}, reason("above_range", ("value", "40.1"), ("limit", "40"), rule="range")),
        (("2",), {}, None),
        (("1.9",), {}, reason("below_range", ("value", "1.9"), ("limit", "2"), rule="range")),
        (("2", "<"), {}, None),
        (("1.9", "<"), {}, None),
        (("1.9", ">"), {}, None),
        (
            ("9.9", "", "5"),
            {},
            reason("diluted_too_far", ("dilution", "5"), ("value", "9.9"), ("limit", "10"), rule="range"),
        ),
        (
            ("10", "<", "5"),
            {},
            reason("diluted_too_far", ("dilution", "5"), ("value", "<10"), ("limit", "10"), rule="range"),
        ),
        (("10.1", "<", "5"), {}, None),
        (("9.9", ">", "5"), {}, None),
        (("10", "", "5"), {}, None),
        (
            ("3.9", "", "2"),
            {},
            reason("diluted_too_far", ("dilution", "2"), ("value", "3.9"), ("limit", "4"), rule="range"),
        ),
        (("5", "", "1+4"), {}, reason("dilution_unknown", ("dilution", "1+4"))),
        (("5", "", "0"), {}, reason("dilution_unknown", ("dilution", "0"))),
        (("5", "", "x5"), {"low": None}, None),
    ],
)
def test_beyond_the_range_it_says_by_how_much_and_what_follows(
    given: tuple[str, ...], changes: dict[str, Any], expected: Reason | None
) -> None:
    assert measured(*given, **changes) == ([] if expected is None else [expected])


def suspended(*some: Suspension) -> list[Reason]:
    kept = compile_book([facts()], {None: [rule(CATALOGUE_LIMITS)]}, suspensions=some)
    plan = kept.plan_for(evidence())
    assert plan is not None
    return quality_reasons(evidence(qc_state="no_plan"), plan)


def test_a_suspension_says_of_what_and_why() -> None:
    found = suspended(Suspension("test", "reagent recalled", test_id=4))
    assert reason("suspended", ("scope", "test"), ("note", "reagent recalled")) in found
    changed = suspended(Suspension(UNIT_CHANGED, "mmol/L, mg/dL", test_id=4))
    assert [one.as_json() for one in changed] == [{"code": "unit_changed", "units": "mmol/L, mg/dL"}]
    two = suspended(Suspension("test", "a", test_id=4), Suspension("network", "b"))
    assert [dict(one.facts)["note"] for one in two if one.code == "suspended"] == ["a", "b"]
    elsewhere = suspended(
        Suspension("analyzer", "c", analyzer_id=7), Suspension("laboratory", "d", laboratory_id=7)
    )
    assert [one for one in elsewhere if one.code == "suspended"] == []


def test_the_state_of_the_analyzer_is_told_by_its_rule() -> None:
    bad: dict[str, Any] = {"qc_state": "out_of_control", "is_calibrated": False, "is_reagent_valid": False}
    found = of(quality_reasons, Quality("state"), **bad)
    assert found == [
        reason(code, rule="state") for code in ("out_of_control", "calibration_expired", "reagent_expired")
    ]

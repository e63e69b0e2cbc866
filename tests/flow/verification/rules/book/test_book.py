"""The book: which rules hold for whom, kept in bounds."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.book import RuleBook, compile_book, compiled
from aliquot.flow.verification.rules.decision import decide
from aliquot.flow.verification.rules.expressions.expression import compile_expression
from aliquot.flow.verification.rules.facts import Reference, interval_of
from aliquot.flow.verification.rules.plan import Suspension
from aliquot.flow.verification.rules.population import Patient, Population
from aliquot.flow.verification.rules.shapes import (
    Comment,
    Delta,
    Exclusion,
    Flags,
    Limits,
    Quality,
    Rule,
    Span,
    Swap,
)
from tests.flow.verification.rules.evidences import (
    CATALOGUE_LIMITS,
    FACTS,
    POTASSIUM,
    TYPES,
    book,
    evidence,
    facts,
    rule,
)

ADULT = Limits("adult", critical=Span(Decimal(2), Decimal(7)))
ICU = Limits("icu", critical=Span(Decimal(1), Decimal(8)))


def critical_of(kept: RuleBook, **changes: Any) -> str:
    plan = kept.plan_for(evidence(**changes))
    assert plan is not None
    return plan.critical.rule


def test_the_most_specific_limits_win() -> None:
    kept = book(
        rule(ADULT, population=Population(age_from_days=6574)),
        rule(ICU, population=Population(age_from_days=6574, wards=("ICU",))),
        rule(Limits("K", critical=Span(Decimal(0))), "K", population=Population(diagnoses=("N18",))),
    )
    assert critical_of(kept) == "adult"
    assert critical_of(kept, ward="ICU") == "icu"
    assert critical_of(kept, ward="ICU", age_days=100) == "limits"
    assert critical_of(kept, ward="ICU", age_days=None) == "limits"
    assert critical_of(kept, ward="ICU", diagnosis="N18.3") == "K"
    assert critical_of(kept, ward="7", diagnosis="N17") == "adult"


@pytest.mark.parametrize(("wrong", "right"), [(-1, 5), (60_000, 59_999)])
def test_an_impossible_age_leaves_no_plan_to_others(wrong: int, right: int) -> None:
    """A birth date of tomorrow or of the century before last is nobody's: its plan is not a newborn's."""
    limits = [
        rule(Limits(name, critical=Span(Decimal(2), Decimal(7))), population=population)
        for name, population in (
            ("young", Population(age_to_days=28)),
            ("old", Population(age_from_days=30_000)),
        )
    ]
    kept = book(*limits, intervals=(Reference(Decimal(3), Decimal(6), "", 6574, 20_000),))
    assert critical_of(kept, age_days=wrong) == "limits"
    assert critical_of(kept, age_days=right) in {"young", "old"}


def test_rules_of_a_site_hold_there() -> None:
    body = rule(ADULT, population=Population(sites=("TUL",)))
    kept = compile_book([FACTS], {None: [rule(CATALOGUE_LIMITS), body]}, sites={5: "TUL"})
    assert critical_of(kept) == "adult"
    assert critical_of(kept, laboratory_id=6) == "limits"


def test_a_laboratory_with_a_set_of_its_own_has_no_other() -> None:
    kept = compile_book([FACTS], {None: [rule(CATALOGUE_LIMITS)], 5: [rule(ADULT)]})
    assert critical_of(kept) == "adult"
    assert critical_of(kept, laboratory_id=6) == "limits"
    assert [one.code for one in kept.rules_of(5)] == ["adult"]
    assert [one.code for one in kept.rules_of(6)] == ["limits"]


def test_a_set_without_a_limits_rule_holds_all() -> None:
    kept = compile_book([FACTS], {None: [rule(Quality("q"))]})
    assert [one.code for one in decide(POTASSIUM, kept).reasons] == ["no_rule"]
    assert compile_book([FACTS], {}).rules_of(5) == ()


SUSPENSIONS = [
    (Suspension("test", "t", test_id=4), {}, True),
    (Suspension("test", "t", test_id=3), {}, False),
    (Suspension("analyzer", "a", analyzer_id=6), {}, True),
    (Suspension("analyzer", "a", analyzer_id=6), {"analyzer_id": 7}, False),
    (Suspension("laboratory", "l", laboratory_id=5), {}, True),
    (Suspension("laboratory", "l", laboratory_id=5), {"laboratory_id": 6}, False),
    (Suspension("network", "n"), {"laboratory_id": 6}, True),
]


@pytest.mark.parametrize(("suspension", "changes", "concerns"), SUSPENSIONS)
def test_a_suspension_holds_what_it_concerns(
    suspension: Suspension, changes: dict[str, Any], *, concerns: bool
) -> None:
    kept = compile_book([FACTS], {None: [rule(CATALOGUE_LIMITS)]}, suspensions=[suspension])
    verdict = decide(evidence(**changes), kept)
    assert [one.code for one in verdict.reasons] == (["suspended"] if concerns else [])


def test_the_catalogues_delta_needs_both_a_limit_and_a_window() -> None:
    missing: list[dict[str, Any]] = [{"delta_percent": None}, {"delta_days": None}]
    for changes in missing:
        plan = book(**changes).plan_for(POTASSIUM)
        assert plan is not None
        assert plan.delta is None
    plan = compile_book([FACTS], {None: [rule(CATALOGUE_LIMITS)]}).plan_for(POTASSIUM)
    assert plan is not None
    assert plan.delta is None


def test_a_rules_own_delta_goes_before_the_catalogues() -> None:
    own = Delta("own", "absolute", Decimal(1), Decimal(1), timedelta(days=100))
    kept = book(own, Swap("s", {}, 1, Decimal(1), timedelta(days=7)))
    plan = kept.plan_for(POTASSIUM)
    assert plan is not None
    assert plan.delta == own
    assert kept.longest_window_days == 100


def test_a_book_knows_whether_a_rule_reads_flags() -> None:
    for text, asks in (('flag(K) = "HH"', True), ("K > high(K)", True), ("K > 3", False)):
        kept = book(Comment("c", compile_expression(text, TYPES), "e", "r"))
        assert kept.asks_for_flags is asks
    assert not book().asks_for_flags


def test_the_memory_of_plans_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MOST_PLANS", 2)
    kept = book(rule(ADULT, population=Population(wards=("A", "B", "C"))))
    for ward in "ABCABC":
        assert critical_of(kept, ward=ward) == "adult"
    own = kept.compiled(5, 4)
    assert own is not None
    assert len(own._plans) <= 2


def test_a_ward_or_diagnosis_typed_in_other_letters_is_the_same() -> None:
    kept = book(rule(Exclusion("x"), population=Population(wards=("ICU",), diagnoses=("N18",))))
    for ward, diagnosis, is_held in (("7", "N18", False), ("icu", "n18.3", True), (" ICU", "N18", True)):
        assert decide(evidence(ward=ward, diagnosis=diagnosis), kept).release is not is_held
    assert kept.plan_for(evidence(ward="icu", diagnosis="n18")) is kept.plan_for(
        evidence(ward="ICU", diagnosis="N18.3")
    )


def test_wards_that_no_rule_names_share_a_plan() -> None:
    kept = book(rule(ADULT, population=Population(wards=("ICU",))))
    assert kept.plan_for(evidence(ward="1")) is kept.plan_for(evidence(ward="2"))
    assert kept.plan_for(evidence(ward="ICU")) is not kept.plan_for(evidence(ward="2"))
    assert kept.compiled(5, 999) is None


populations = st.builds(
    Population,
    sex=st.sampled_from(["", "F", "M"]),
    age_from_days=st.sampled_from([None, 0, 28, 6574]),
    age_to_days=st.sampled_from([None, 365, 23_741]),
    wards=st.sampled_from([(), ("ICU",), ("ICU", "7")]),
    diagnoses=st.sampled_from([(), ("N",), ("N18", "O")]),
    is_pregnant=st.sampled_from([None, True, False]),
    urgency=st.sampled_from(["", "S"]),
)
patients = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(["F", "M", "U"]),
        "age_days": st.none() | st.sampled_from([0, 27, 28, 364, 365, 6573, 6574, 23_740, 23_741]),
        "ward": st.sampled_from(["", "ICU", "7", "8"]),
        "diagnosis": st.sampled_from(["", "N18.3", "N17", "O80", "K1"]),
        "is_pregnant": st.sampled_from([None, True, False]),
        "urgency": st.sampled_from(["R", "S"]),
    }
)


@given(st.lists(populations, max_size=4), st.lists(patients, min_size=2, max_size=5))
def test_the_plan_kept_is_the_one_worked_out_for_this_patient_alone(
    asked: list[Population], people: list[dict[str, Any]]
) -> None:
    rules: list[Rule] = [
        rule(Flags(str(place), {str(place): "hold"}), population=one) for place, one in enumerate(asked)
    ]
    kept = book(*rules)
    for person in people:
        plan = kept.plan_for(evidence(**person))
        assert plan is not None
        patient = Patient(site="", **person)
        assert set(plan.flags) == {str(place) for place, one in enumerate(asked) if one.covers(patient)}


@pytest.mark.parametrize(
    ("sex", "age", "low", "is_unclear"),
    [
        ("F", 7000, "3", False),
        ("M", 7000, "2", False),
        ("M", 8000, "5", False),
        ("M", 100, None, False),
        ("U", None, None, False),
        ("F", 30_000, "2", True),
    ],
)
def test_the_own_sex_goes_before_both_and_the_narrowest_age_first(
    sex: str, age: int | None, low: str | None, *, is_unclear: bool
) -> None:
    references = (
        Reference(Decimal(3), Decimal(6), "F", 6574, 20_000),
        Reference(Decimal(2), Decimal(6), "", 6574),
        Reference(Decimal(5), Decimal(6), "", 8000, 9000),
        Reference(Decimal(2), Decimal(7), "F", 30_000, 30_001),
        Reference(Decimal(2), Decimal(8), "F", 30_000, 30_001),
    )
    found = interval_of(references, sex, age)
    assert (found.low, found.is_unclear) == (None if low is None else Decimal(low), is_unclear)


def test_an_unknown_age_has_the_interval_of_all_ages() -> None:
    for_all = replace(facts(low=Decimal(1)).intervals[0])
    assert interval_of((for_all,), "U", None).low == 1

"""Which rules apply to one test and one patient, whence they come, and which another overrules."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.verification.rules.document import Provenance
from aliquot.flow.verification.rules.explaining import applying
from aliquot.flow.verification.rules.population import Patient, Population
from aliquot.flow.verification.rules.shapes import Delta, Exclusion, Limits, Rule, Span
from tests.flow.verification.rules.evidences import CATALOGUE_DELTA, CATALOGUE_LIMITS, D, rule

WOMAN = Patient("F", 12_000, "ICU", "TUL", "N18.3", is_pregnant=None, urgency="R")
WOMEN = Population(sex="F")
WOMEN_OF_THE_WARD = Population(sex="F", wards=("ICU",))
WIDE, NARROW = Span(D(1), D(9)), Span(D(3), D(5))
WEEK = timedelta(days=7)


def applied(*rules: Rule, test: str = "K", origins: tuple[Provenance, ...] = ()) -> list[tuple[str, str]]:
    return [(one.rule.code, one.overruled) for one in applying(rules, origins, test, WOMAN)]


def limits(code: str, *tests: str, population: Population = WOMEN, **parts: Any) -> Rule:
    return rule(Limits(code, **parts), *tests, kind="limits", population=population)


def delta(code: str, *tests: str, population: Population = WOMEN) -> Rule:
    return rule(
        Delta(code, limit_up=D(20), limit_down=D(20), window=WEEK),
        *tests,
        kind="delta",
        population=population,
    )


def test_only_rules_of_the_test_and_the_patient_apply() -> None:
    rules = [
        rule(Exclusion("all"), kind="exclusion"),
        rule(Exclusion("potassium"), "K", "NA", kind="exclusion"),
        rule(Exclusion("calcium"), "CA", kind="exclusion"),
        rule(Exclusion("men"), kind="exclusion", population=Population(sex="M")),
    ]
    assert applied(*rules) == [("potassium", ""), ("all", "")]


def test_kinds_stand_together_and_the_most_specific_first() -> None:
    rules = [
        limits("plain", autoverification=WIDE),
        rule(Exclusion("all"), kind="exclusion"),
        limits("ward", population=WOMEN_OF_THE_WARD, critical=WIDE),
        limits("own", "K", absurd=WIDE),
    ]
    assert [code for code, _ in applied(*rules)] == ["all", "own", "ward", "plain"]


def test_whence_a_rule_comes_is_said_with_its_reason() -> None:
    rules = [rule(Exclusion("a"), kind="exclusion"), rule(Exclusion("b"), kind="exclusion")]
    found = applying(rules, [Provenance("b", "replaced", "our method")], "K", WOMAN)
    assert [(one.rule.code, one.origin, one.reason) for one in found] == [
        ("a", "inherited", ""),
        ("b", "replaced", "our method"),
    ]


def test_of_deltas_only_the_most_specific_holds() -> None:
    catalogue = rule(CATALOGUE_DELTA, kind="delta")
    assert applied(catalogue) == [("delta", "")]
    assert applied(catalogue, delta("women"), delta("own", "K")) == [
        ("own", ""),
        ("women", "own"),
        ("delta", "own"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "overruled"),
    [
        ({"autoverification": NARROW}, {"autoverification": WIDE}, "ward"),
        ({"critical": NARROW}, {"autoverification": WIDE}, ""),
        ({"autoverification": NARROW}, {"autoverification": WIDE, "critical": WIDE}, ""),
        ({"autoverification": NARROW, "critical": WIDE}, {"critical": WIDE}, "ward"),
        ({"absurd": WIDE}, {"absurd": WIDE}, "ward"),
        ({"absurd": WIDE}, {}, ""),
    ],
)
def test_limits_are_overruled_when_all_their_parts_are(
    first: dict[str, Any], second: dict[str, Any], overruled: str
) -> None:
    rules = [limits("plain", **second), limits("ward", population=WOMEN_OF_THE_WARD, **first)]
    assert applied(*rules) == [("ward", ""), ("plain", overruled)]


def test_several_rules_may_overrule_one_together() -> None:
    rules = [
        limits("plain", autoverification=WIDE, critical=WIDE),
        limits("ward", population=WOMEN_OF_THE_WARD, critical=WIDE),
        limits("own", "K", autoverification=NARROW),
        limits("other", "K", population=WOMEN_OF_THE_WARD, absurd=WIDE),
    ]
    assert dict(applied(*rules))["plain"] == "own, ward"


def test_the_catalogues_limits_say_what_is_critical_and_absurd_alone() -> None:
    catalogue = rule(CATALOGUE_LIMITS, kind="limits")
    assert dict(applied(catalogue, limits("auto", autoverification=WIDE)))["limits"] == ""
    assert dict(applied(catalogue, limits("crit", critical=WIDE)))["limits"] == ""
    assert dict(applied(catalogue, limits("both", critical=WIDE, absurd=WIDE)))["limits"] == "both"

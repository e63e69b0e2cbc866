"""Consistency, exclusions, comments, reflex tests."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.decision import decide
from aliquot.flow.verification.rules.population import Population
from aliquot.flow.verification.rules.shapes import (
    Comment,
    Consistency,
    Exclusion,
    Reflex,
)
from tests.flow.verification.rules.evidences import (
    FLAGS,
    among,
    book,
    codes,
    decided,
    potassium,
    rule,
    when,
)

EDTA = Consistency("edta", when("K > 6.0 and CA < 1.9"), text_en="EDTA", text_ru="ЭДТА")


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

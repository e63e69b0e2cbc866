"""Limits by rules: the most specific wins, part by part."""

import pytest

from aliquot.flow.verification.rules.shapes import (
    Delta,
    Limits,
    Span,
)
from tests.flow.verification.rules.evidences import (
    DAY,
    D,
    codes,
    decided,
    rule,
)

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

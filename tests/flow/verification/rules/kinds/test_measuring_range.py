"""Beyond the measuring range: diluted, held, reported."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.kinds.measuring_range import dilution_factor
from aliquot.flow.verification.rules.shapes import (
    Limits,
    MeasuringRange,
    Span,
)
from tests.flow.verification.rules.evidences import (
    D,
    codes,
    decided,
    rule,
)

RANGE = MeasuringRange("r", D(2), D(8), "dilute", "report", ("10", "5"))
WIDE = {"critical_low": D("0.1"), "critical_high": D(1000), "low": D("0.1"), "high": D(900)}
UNCALLED = WIDE | {"critical_low": None, "critical_high": None}


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
        ("2", "<", "", "hold", None),
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
    assert decided(body, value=D(8), comparator=">", **UNCALLED).release
    assert codes(decided(body, value=D(9), **WIDE)) == ["above_range"]
    assert codes(decided(body, value=D(7), comparator=">", **UNCALLED)) == ["off_scale"]
    held = MeasuringRange("r", D(2), D(8))
    assert codes(decided(held, value=D(8), comparator=">", **UNCALLED)) == ["off_scale", "above_range"]


@pytest.mark.parametrize(
    ("comparator", "value", "span", "expected"),
    [
        (">", "8", Span(None, D(8)), ["outside_autoverification"]),
        (">", "8", Span(None, D("8.1")), []),
        (">=", "8", Span(None, D(8)), []),
        ("<", "2", Span(D(2), None), ["outside_autoverification"]),
        ("<", "2", Span(D("1.9"), None), []),
        ("<=", "2", Span(D(2), None), []),
    ],
)
def test_what_surely_lies_outside_the_limits_of_release_is_not_reported_unseen(
    comparator: str, value: str, span: Span, expected: list[str]
) -> None:
    body = MeasuringRange("r", D(2), D(8), "report", "report")
    limits = rule(Limits("own", autoverification=span), "K")
    verdict = decided(body, limits, value=D(value), comparator=comparator, **UNCALLED)
    assert codes(verdict) == expected
    assert verdict.rules == (("own",) if expected else ())


@pytest.mark.parametrize(
    ("comparator", "value", "critical", "expected"),
    [
        (">", "8", {"critical_high": D(1000)}, ["off_scale"]),
        (">", "8", {"critical_low": D("0.1")}, []),
        ("<", "2", {"critical_low": D("0.1")}, ["off_scale"]),
        ("<", "2", {"critical_high": D(1000)}, []),
    ],
)
def test_what_may_be_critical_is_never_reported_unseen(
    comparator: str, value: str, critical: dict[str, Any], expected: list[str]
) -> None:
    body = MeasuringRange("r", D(2), D(8), "report", "report")
    facts = {**UNCALLED, **critical, "value": D(value), "comparator": comparator}
    assert codes(decided(body, **facts)) == expected


@pytest.mark.parametrize("changes", [{"value": None}, {"value": D("NaN")}, {"unit": "mg/dL"}])
def test_what_is_no_number_in_the_unit_is_left_to_the_limits(changes: dict[str, Any]) -> None:
    assert "dilute" not in codes(decided(RANGE, **changes))


@pytest.mark.parametrize(
    ("text", "factor"), [("", 1), ("5", 5), ("1:5", 5), ("x10", 10), ("0", None), ("five", None), ("²", None)]
)
def test_a_dilution_is_a_number(text: str, factor: int | None) -> None:
    assert dilution_factor(text) == factor

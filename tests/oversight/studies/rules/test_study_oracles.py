"""Every shown case of comparison, agreement and precision, by the function that screens and command call."""

from typing import Any

import pytest

from tests.oversight.studies.rules.asked import NEEDS_ORACLES, cases, figures, near


@NEEDS_ORACLES
@pytest.mark.parametrize("case", cases("precision_ep05"))
def test_precision(case: dict[str, Any]) -> None:
    found = figures("precision", **case["inputs"])
    for name, expected in case["expected"].items():
        assert near(found[name], expected, least=case["tolerance"]["abs"]), name


@NEEDS_ORACLES
@pytest.mark.parametrize("case", cases("bland_altman"))
def test_agreement(case: dict[str, Any]) -> None:
    found = figures("bland-altman", **case["inputs"])
    tolerance = case["tolerance"]
    for name, expected in case["expected"].items():
        assert near(found[name], expected, rel=tolerance.get("rel", 0), least=tolerance.get("abs", 0)), name


@NEEDS_ORACLES
@pytest.mark.parametrize("case", cases("method_comparison"))
def test_comparison(case: dict[str, Any]) -> None:
    found = figures("comparison", **case["inputs"])
    tolerance = case["tolerance"]
    for method, values in case["expected"].items():
        for name, expected in values.items():
            rel, least = allowed(method, name, tolerance)
            assert near(found[method][name], expected, rel=rel, least=least), (method, name)


def allowed(method: str, name: str, tolerance: dict[str, float]) -> tuple[float, float]:
    """Relative and absolute tolerance of one number; the paper of the arsenate set prints three digits."""
    if "deming_known_se_rel" in tolerance:
        is_exact = method == "deming_known_se"
        return (tolerance["deming_known_se_rel"], 0.0) if is_exact else (tolerance["ols_rel"], 0.0005)
    is_bound = name.endswith(("lci", "uci"))
    relative = tolerance.get("ci_rel" if is_bound else "point_rel", 0.0)
    if is_bound and method == "PaBa":
        relative = tolerance.get("paba_ci_rel", relative)
    return relative, tolerance.get("ci_abs" if is_bound else "point_abs", 0.0)

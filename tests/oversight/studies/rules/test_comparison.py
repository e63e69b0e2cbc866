"""Comparison: which line decides, what the decision is, and what is remarked."""

import numpy as np
import pytest

from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

RANDOM = np.random.default_rng(5)
X = [float(one) for one in np.linspace(2, 18, 48)]
Y = [x + 0.1 + float(off) for x, off in zip(X, RANDOM.normal(0, 0.1, 48), strict=True)]


def decision(**inputs: object) -> str:
    return str(ask("comparison", **inputs).decision)


def test_bias_is_judged_with_its_interval() -> None:
    """The bias is about 0.1, with an interval of about 0.03 either way."""
    assert decision(x=X, y=Y, decision_levels=[5, 10], allowable_bias=0.3) == "accepted"
    assert decision(x=X, y=Y, decision_levels=[10], allowable_bias=0.02) == "rejected"
    bias = figures("comparison", x=X, y=Y, decision_levels=[10])["bias"][0]["bias"]
    assert decision(x=X, y=Y, decision_levels=[10], allowable_bias=bias) == "undetermined"
    assert decision(x=X, y=Y, decision_levels=[10]) == "undetermined"
    study = ask("comparison", x=X, y=Y)
    assert "state allowable_bias" in study.reasons[0].message


def test_allowable_total_error_gives_half_of_it_to_bias() -> None:
    found = figures("comparison", x=X, y=Y, decision_levels="5; 10", tea=1, tea_percent=30)
    assert [one["limit"] for one in found["bias"]] == [0.75, 1.5]
    found = figures("comparison", x=X, y=Y, decision_levels=10, tea_percent=10, bias_share=0.4)
    assert found["bias"][0]["limit"] == pytest.approx(0.4)


def test_the_range_chooses_the_line_unless_the_plan_does() -> None:
    assert figures("comparison", x=X, y=Y)["method"] == "Deming"
    wide = [1.0, 2, 4, 8, 16, 32]
    assert figures("comparison", x=wide, y=[1.1, 2.1, 3.9, 8.2, 15.7, 33])["method"] == "WDeming"
    assert figures("comparison", x=X, y=Y, method="OLS")["method"] == "LinReg"
    assert "choose one of" in refusal("comparison", x=X, y=Y, method="magic")


def test_passing_bablok_has_its_interval_by_resampling_and_the_same_each_time() -> None:
    inputs = {"x": X, "y": Y, "method": "Passing-Bablok", "decision_levels": [10], "allowable_bias": 0.3}
    one, again = figures("comparison", **inputs), figures("comparison", **inputs)
    assert one["bias"] == again["bias"]
    assert 0 < one["bias"][0]["low"] < one["bias"][0]["bias"] < one["bias"][0]["high"] < 0.2
    assert one["decision"] == "accepted"


def test_resampling_without_a_line_gives_no_interval() -> None:
    inputs = {"x": [1, 1, 2, 2], "y": [2, 4, 3, 3], "method": "paba", "decision_levels": [1]}
    found = figures("comparison", **inputs, allowable_bias=5)
    assert (found["PaBa"]["slope"], found["bias"][0]["low"], found["bias"][0]["percent_low"]) == (
        1,
        None,
        None,
    )
    assert any("PaBa gives no interval" in one for one in found["remarks"])


def test_a_line_that_cannot_be_fitted_is_left_out_or_refused() -> None:
    x, y = [1.0, 1, 2, 2], [1.0, 2, 1, 2]
    found = figures("comparison", x=x, y=y)
    assert found["Deming"] is None
    assert found["method"] in {"PaBa", "LinReg"}
    assert any("Deming" in one for one in found["remarks"])
    assert "choose another method" in refusal("comparison", x=x, y=y, method="deming")
    zero = figures("comparison", x=[0.0, 1, 2, 3, 4], y=[0.1, 1, 2.1, 3, 4])
    assert zero["WLinReg"] is None


def test_a_test_that_always_gives_the_same_has_no_correlation() -> None:
    found = figures("comparison", x=[1, 2, 3, 4, 5], y=[3, 3, 3, 3, 3], method="ols")
    assert found["pearson_r"] is None
    assert found["LinReg"]["slope"] == 0
    assert found["ols_x_on_y"] is None
    found = figures("comparison", x=[1, 2, 3, 4], y=[3, 3, 3, 3], x_se=[1, 1, 1, 1], method="ols")
    assert found["wls_x_on_y"] is None
    assert any("range is too narrow" in one for one in found["remarks"])


def test_errors_known_in_both_methods_give_a_line_with_an_interval() -> None:
    found = figures("comparison", x=X, y=Y, x_se=[0.1] * 48, y_se=[0.1] * 48, method="known_se")
    line = found["deming_known_se"]
    assert line["slope"] == pytest.approx(found["Deming.1"]["slope"], abs=1e-4)
    assert line["slope_lci"] == pytest.approx(found["Deming.1"]["slope_lci"], abs=1e-3)
    assert found["wls_y_on_x"]["slope"] == pytest.approx(found["LinReg"]["slope"])
    assert found["wls_x_on_y"]["slope"] == pytest.approx(found["ols_x_on_y"]["slope"])
    assert "above 0" in refusal("comparison", x=X, y=Y, y_se=[0] * 48)


def test_an_error_ratio_gives_lines_of_its_own() -> None:
    found = figures("comparison", x=X, y=Y, error_ratio=2.5)
    assert found["Deming"] == found["Deming.25"]
    assert found["Deming"]["error_ratio"] == 2.5
    assert found["Deming.1"]["error_ratio"] == 1.0
    several = figures("comparison", x=X, y=Y, error_ratio=[12.1, 4])
    assert [several[one]["error_ratio"] for one in ("Deming", "Deming.12.1", "Deming.121", "Deming.4")] == [
        12.1,
        12.1,
        1.21,
        4,
    ]
    assert "give a value > 0" in refusal("comparison", x=X, y=Y, error_ratio=-1)


def test_replicates_count_by_their_mean() -> None:
    found = figures("comparison", x=[1, 2, 3, 4], y1=[1, 2, 3, 4.2], y2=[1.2, None, 3, 4])
    assert found["bland_altman"]["mean"] == pytest.approx((0.1 + 0 + 0 + 0.1) / 4)
    assert found["n"] == 4
    assert figures("comparison", x=[1, 2, 3, 4, 5], y1=[1, 2, 3, 4, None], y2=[1, 2, 3.3, 4, None])["n"] == 4


def test_an_outlier_a_bend_and_levels_outside_are_remarked() -> None:
    out = [*Y[:20], Y[20] * 2, *Y[21:]]
    assert any("Pairs 21" in one for one in remarks("comparison", x=X, y=out))
    assert any("cusum" in one for one in remarks("comparison", x=X, y=[x * x for x in X]))
    said = remarks("comparison", x=X, y=Y, decision_levels=[100], method="ols")
    assert any("100 lies outside" in one for one in said)
    assert any(
        "EP09 asks for at least 40" in one for one in remarks("comparison", x=[1, 2, 3, 4], y=[1, 2, 3, 4.5])
    )


def test_unusable_data_are_refused_with_field_and_remedy() -> None:
    assert refusal("comparison", y=[1]) == "x lacks: give the values of the method in use."
    assert "y has 3 values and x has 4" in refusal("comparison", x=[1, 2, 3, 4], y=[1, 2, 3])
    assert "x: 2 complete rows are too few" in refusal("comparison", x=[1, 2, None], y=[1, 2, 3])
    assert "all values are the same (2)" in refusal("comparison", x=[2, 2, 2, 2], y=[1, 2, 3, 4])
    assert "x[2]: 'high' is not a number" in refusal("comparison", x=[1, "high", 3, 4], y=[1, 2, 3, 4])
    assert "at most 5000" in refusal("comparison", x=list(range(5001)), y=list(range(5001)))
    assert "at most 20000" in refusal("comparison", x=[1] * 20001, y=[1])


def test_thousands_of_pairs_are_answered() -> None:
    x = [float(one) for one in RANDOM.uniform(1, 100, 1500)]
    y = [one + float(off) for one, off in zip(x, RANDOM.normal(0, 1, 1500), strict=True)]
    found = figures("comparison", x=x, y=y, allowable_bias=1, decision_levels=[50])
    assert found["PaBa"]["slope"] == pytest.approx(1, abs=0.01)
    assert found["decision"] == "accepted"


def test_three_pairs_are_the_fewest() -> None:
    found = figures("comparison", x=[1, 2, 3], y=[1, 2.1, 2.9])
    assert found["PaBa"]["slope"] == pytest.approx(0.95)
    assert found["r_ci"] == [-1, 1]


def test_a_row_without_a_value_is_left_out_and_counted() -> None:
    said = remarks("comparison", x=[1, 2, 3, 4, "NA"], y=[1, 2, 3, 4.5, 5])
    assert "1 rows without a value were left out." in said

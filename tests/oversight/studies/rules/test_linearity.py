"""Lines that are straight, bent, and measured once."""

import pytest

from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

LEVELS = [one for one in (1, 2, 3, 4, 5) for _ in range(3)]
STRAIGHT = [2 * one + off for one in (1, 2, 3, 4, 5) for off in (-0.02, 0, 0.02)]
BENT = [one * one + off for one in (1, 2, 3, 4, 5) for off in (-0.02, 0, 0.02)]


def test_a_straight_line_is_accepted_by_either_procedure() -> None:
    for procedure in ("weighted", "EP06-A"):
        study = ask("linearity", expected=LEVELS, y=STRAIGHT, allowable_bias_percent=5, procedure=procedure)
        assert study.decision == "accepted"
        assert study.figures.is_linear
    found = figures("linearity", expected=LEVELS, y=STRAIGHT)
    assert (found["slope"], found["intercept"]) == pytest.approx((2, 0), abs=1e-9)
    assert found["repeatability_sd"] == pytest.approx(0.02)
    assert found["decision"] == "undetermined"


def test_a_bend_is_rejected_by_either_procedure() -> None:
    """Over 1 to 5 the square less its line (6 x - 7) is 2, -1, -2, -1, 2."""
    study = ask("linearity", expected=LEVELS, y=BENT, adl_percent=5, procedure="polynomial", weights="none")
    assert study.decision == "rejected"
    assert [one.nonlinearity for one in study.figures.levels] == pytest.approx([2, -1, -2, -1, 2], abs=0.02)
    assert study.figures.best_degree == 2
    assert "A curve of degree 2" in study.remarks[0].message
    newer = ask("linearity", expected=LEVELS, y=BENT, adl_percent=5, weights="none")
    assert newer.decision == "rejected"
    assert [one.deviation for one in newer.figures.levels] == pytest.approx([2, -1, -2, -1, 2])
    assert abs(newer.figures.greatest_deviation) == pytest.approx(2)


def test_the_interval_of_a_deviation_keeps_a_decision_open() -> None:
    wide = [2 * one + off for one in (1, 2, 3, 4, 5) for off in (-1, 0, 1.3)]
    assert ask("linearity", expected=LEVELS, y=wide, allowable_bias=1).decision == "undetermined"


@pytest.mark.parametrize("weights", ["sd", "cv", "none"])
def test_all_weights_find_a_line_without_noise_about_it(weights: str) -> None:
    found = figures("linearity", expected=LEVELS, y=STRAIGHT, weights=weights)
    assert found["slope"] == pytest.approx(2)


def test_replicates_in_columns_and_levels_measured_once() -> None:
    found = figures("linearity", expected=[1, 2, 3, 4, 5], y1=[2, 4, 6, 8, 10], y2=[2.1, 4.1, 6.1, 8.1, None])
    assert found["n"] == 9
    assert found["levels"][4]["sd"] is None
    assert found["levels"][4]["low"] is not None
    said = remarks("linearity", expected=[0, 1, 2, 3], y=[0, 2, 4.1, 6])
    assert said[0].startswith("No level was measured twice")
    assert said[1].startswith("4 levels")
    once = figures("linearity", expected=[0, 1, 2, 3], y=[0, 2, 4.1, 6], allowable_bias=0.5)
    assert once["levels"][0]["low"] is None
    assert once["decision"] == "accepted"


def test_levels_of_one_mean_alone_are_measured_twice() -> None:
    """The SD of the only level with replicates weighs all."""
    found = figures("linearity", expected=[1, 2, 3, 4, 4], y=[2, 4, 6, 7.9, 8.1])
    assert found["slope"] == pytest.approx(2)


def test_unusable_data_are_refused() -> None:
    assert "3 levels are too few; give at least 4" in refusal(
        "linearity", expected=[1, 2, 3, 3], y=[1, 2, 3, 4]
    )
    assert "all values are the same" in refusal("linearity", expected=[1, 2, 3, 4], y=[1, 1, 1, 1])
    assert "y has 3 values" in refusal("linearity", expected=[1, 2, 3, 4], y=[1, 2, 3])
    assert refusal("linearity", expected=[1, 2, 3, 4]).startswith("y lacks")


def test_levels_too_close_for_a_cubic_are_fitted_all_the_same() -> None:
    found = figures("linearity", expected=[-2.5e7, 0, 1, 1.5, 9, 13], y=[11, 7, 6, 11, 9, 8])
    assert len(found["polynomials"]) == 3


def test_a_perfect_curve_has_no_doubt() -> None:
    found = figures("linearity", expected=[1, 2, 3, 4, 5], y=[1, 4, 9, 16, 25])
    assert found["best_degree"] > 1
    level = figures("linearity", expected=[-2, -1, 1, 2], y=[-2, -1, 1, 2], allowable_bias_percent=5)
    assert level["levels"][0]["deviation_percent"] == pytest.approx(0, abs=1e-9)


def test_the_interval_of_a_deviation_by_hand() -> None:
    """Three replicates of SD 0.02: t(2; 0.95) = 2.91999 one-sided, so 90 % in all."""
    level = figures("linearity", expected=LEVELS, y=STRAIGHT)["levels"][2]
    assert level["high"] - level["deviation"] == pytest.approx(2.91999 * 0.02 / 3**0.5, rel=1e-5)
    assert level["deviation"] - level["low"] == pytest.approx(2.91999 * 0.02 / 3**0.5, rel=1e-5)

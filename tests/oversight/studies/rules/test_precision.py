"""Components of variance by hand, unbalanced data, claims, and the decision."""

from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.nested import interval, nested_anova
from aliquot.oversight.studies.rules.precision import grubbs
from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

DAYS = [str(day) for day in range(1, 6) for _ in range(5)]
VALUES = [float(one) for one in np.random.default_rng(3).normal(100, 2, 25)]


def test_two_days_by_hand() -> None:
    """Days 9, 11 and 13, 15: mean squares 16 and 2, components (16 - 2) / 2 = 7 and 2."""
    found = figures("precision", day=[1, 1, 2, 2], y=[9, 11, 13, 15])
    names = ("mean", "ms_day", "ms_error", "var_day", "var_error", "var_total", "df_day", "df_error")
    assert [found[one] for one in names] == pytest.approx([12, 16, 2, 7, 2, 9, 1, 2])
    assert found["sd_within_lab"] == 3
    assert found["cv_within_lab"] == 25
    assert found["percent_day"] == pytest.approx(100 * 7 / 9)
    assert found["df_total"] == pytest.approx(9**2 / ((16 / 2) ** 2 / 1 + 1**2 / 2))


def test_unequal_days_by_the_formula_of_the_textbook() -> None:
    """Source: Snedecor and Cochran, section 13.6: n0 = (N - sum n² / N) / (k - 1)."""
    days, y = ["a"] * 2 + ["b"] * 3 + ["c"] * 5, [1.0, 2, 4, 5, 7, 3, 3, 5, 6, 9]
    found = nested_anova({"day": days}, y)
    day, error = found.components
    n0 = (10 - (4 + 9 + 25) / 10) / 2
    assert day.variance == pytest.approx((day.ms - error.ms) / n0)


def test_depth_does_not_matter() -> None:
    """Three levels by hand: site means 2 and 6 of days 1, 3 and 5, 7, each with replicates 1 above and below."""
    y = [one + off for one in (1, 3, 5, 7) for off in (-1, 1)]
    site, day = [1] * 4 + [2] * 4, [1, 1, 2, 2] * 2
    found = figures("precision", site=site, day=day, y=y)
    assert [found[one] for one in ("ms_site", "ms_day", "ms_error")] == pytest.approx([32, 4, 2])
    assert [found[one] for one in ("var_site", "var_day", "var_error")] == pytest.approx([7, 1, 2])
    assert found["sd_within_lab"] == pytest.approx(3**0.5)
    assert found["sd_reproducibility"] == pytest.approx(10**0.5)


def test_a_negative_component_counts_as_0_and_is_remarked() -> None:
    inputs = {"day": [1, 1, 2, 2], "y": [1, 5, 2, 4]}
    found = figures("precision", **inputs)
    assert found["var_day"] == 0
    assert found["var_day_unclipped"] == -2.5
    assert found["var_total"] == 5
    assert "The component between days came out negative and counts as 0." in remarks("precision", **inputs)


def test_an_interval_of_a_standard_deviation() -> None:
    """Source: chi-squared with 10 degrees of freedom: 3.247 and 20.483."""
    found = interval(4.0, 10, 0.05)
    assert (found.low, found.high) == pytest.approx(((40 / 20.4832) ** 0.5, (40 / 3.24697) ** 0.5), rel=1e-5)


def test_the_verification_limit_of_ep15() -> None:
    """Source: CLSI EP15-A3, table 6: factor 1.25 for 20 degrees of freedom; two levels share the 5 %."""
    study = ask("precision", day=DAYS, y=VALUES, claim_sd_repeatability=2.2, claim_sd_within_lab=2.5)
    limits = study.figures.limits
    assert limits["uvl_repeatability"] == pytest.approx(2.2 * 1.2532, rel=1e-4)
    assert study.decision == "accepted"
    assert ask("precision", day=DAYS, y=VALUES, claim_cv_repeatability=0.5).decision == "rejected"
    two = figures("precision", day=DAYS * 2, y=[*VALUES, *(2 * one for one in VALUES)],
                  level=["low"] * 25 + ["high"] * 25, claim_cv_within_lab=3)  # fmt: skip
    assert two["levels"].keys() == {"low", "high"}
    within = two["levels"]["low"]
    factor = (stats.chi2.ppf(0.975, within["df_within_lab"]) / within["df_within_lab"]) ** 0.5
    assert within["uvl_within_lab"] == pytest.approx(0.03 * within["mean"] * factor)
    assert two["reasons"][1].startswith("Within-laboratory SD, level high:")
    assert two["levels"]["high"]["uvl_within_lab"] > two["levels"]["low"]["uvl_within_lab"]


def test_an_allowable_figure_is_met_with_the_whole_interval() -> None:
    assert ask("precision", day=DAYS, y=VALUES, allowable_cv=5).decision == "accepted"
    assert ask("precision", day=DAYS, y=VALUES, allowable_cv=0.5).decision == "rejected"
    assert ask("precision", day=DAYS, y=VALUES, allowable_sd=2.2).decision == "undetermined"
    assert (
        ask("precision", day=DAYS, y=VALUES, allowable_repeatability_cv=5, confidence=90).decision
        == "accepted"
    )


def test_an_outlier_is_remarked() -> None:
    """Source: CLSI EP15-A3: 3.135 for 25 values and 1 %."""
    flat = [float(one % 5) for one in range(24)]
    mean, sd = np.mean(flat), np.std(flat, ddof=1)
    assert grubbs([*flat, float(mean + 2.5 * sd)], 0.01) is None
    assert grubbs([*flat, float(mean + 9 * sd)], 0.01) == pytest.approx(mean + 9 * sd)
    assert any("outlier" in one for one in remarks("precision", day=DAYS, y=[*VALUES[:24], 150]))


def test_unusable_data_are_refused() -> None:
    assert refusal("precision", y=[1, 2, 3, 4]) == "day lacks: give the day, run or site of each value."
    assert "all values are the same" in refusal("precision", day=[1, 1, 2, 2], y=[3, 3, 3, 3])
    assert refusal("precision", day=[1, 2, 3, 4], y=[1, 2, 3, 4]).startswith("error: nothing varies")
    assert refusal("precision", day=[1, 1, 1, 1], y=[1, 2, 3, 4]).startswith("day: nothing varies")
    assert "of low are the same" in refusal("precision", day=[1, 1, 2, 2], y=[3, 3, 3, 3], level=["low"] * 4)
    assert "The mean is 0" in refusal("precision", day=[1, 1, 2, 2], y=[-1, 1, -2, 2], allowable_cv=5)
    assert "is empty; name the group" in refusal("precision", day=[1, "", 2, 2], y=[1, 2, 3, 4])
    assert "give a list of numbers" in refusal("precision", day=1, y=[1, 2, 3, 4])
    assert figures("precision", day=[1, 1, 2, 2], y=[-1, 1, -2, 2])["cv_total"] is None


def test_days_without_any_spread_within_them() -> None:
    found = figures("precision", day=[1, 1, 2, 2], y=[1, 1, 2, 2])
    assert found["sd_repeatability"] == 0
    assert found["sd_within_lab"] == pytest.approx(0.5**0.5)
    assert found["df_repeatability"] == 2


LABELS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 2), st.floats(-50, 50)), min_size=8, max_size=24
)


@given(LABELS, st.floats(0.1, 10), st.randoms(use_true_random=False))
def test_components_follow_place_scale_and_order(
    rows: list[tuple[int, int, float]], scale: float, order: Random
) -> None:
    def components(changed: list[tuple[int, int, float]]) -> list[float]:
        factors = {"day": [str(day) for day, _, _ in changed], "run": [str(run) for _, run, _ in changed]}
        return [one.raw for one in nested_anova(factors, [y for _, _, y in changed]).components]

    try:
        plain = components(rows)
    except Unusable:
        assume(condition=False)
    moved = [(day, run, 7 + scale * y) for day, run, y in rows]
    order.shuffle(moved)
    assert components(moved) == pytest.approx([scale**2 * one for one in plain], rel=1e-6, abs=1e-6)


def test_an_error_of_nothing_is_no_negative_component() -> None:
    """Of replicates that agree wholly, rounding leaves the error a little below 0 here."""
    days, runs = list("220120"), ["H", "2", "1", "L", "1", "1"]
    found = remarks("precision", day=days, run=runs, y=[1, 2, 3, 1, 1, 3])
    assert not [one for one in found if "negative" in one and "between" not in one]

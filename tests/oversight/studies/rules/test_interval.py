"""Reference intervals verified with twenty people and established with many."""

import numpy as np
import pytest
from scipy import stats

from aliquot.oversight.studies.rules.interval import rank_bounds, robust
from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

INSIDE = [4.0 + one / 10 for one in range(20)]


def with_outside(count: int) -> list[float]:
    return [*INSIDE[count:], *(9.0 + one / 10 for one in range(count))]


@pytest.mark.parametrize(("outside", "decision"), [(0, "accepted"), (2, "accepted"), (3, "undetermined"),
                                                   (4, "undetermined"), (5, "rejected")])  # fmt: skip
def test_twenty_people_as_ep28_judges_them(outside: int, decision: str) -> None:
    study = ask("interval", value=with_outside(outside), low=3, high=7)
    assert study.decision == decision
    assert study.figures.outside == outside
    assert any("second round" in one.message for one in study.remarks) == (decision == "undetermined")


def test_the_second_round_ends_it_and_one_limit_is_enough() -> None:
    assert ask("interval", value=with_outside(3), low=3, high=7, second="yes").decision == "rejected"
    assert ask("interval", value=with_outside(3), high=7).figures.below == 0
    assert ask("interval", value=with_outside(3), low=3).decision == "accepted"
    assert ask("interval", value=with_outside(3), low=8).decision == "rejected"


def test_ranks_of_one_hundred_and_twenty() -> None:
    """Source: EP28-A3c, table 8: ranks 1 and 7 for the lower limit of 120 people."""
    assert rank_bounds(120, 0.025, 0.10) == (1, 7)
    found = figures("interval", value=list(range(1, 121)))
    assert (found["lower"], found["upper"]) == pytest.approx((3.025, 117.975))
    assert (found["lower_ci"], found["upper_ci"]) == ([1, 7], [114, 120])
    assert found["decision"] == "accepted"


def test_few_people_take_the_robust_procedure() -> None:
    values = [float(one) for one in 50 + 5 * stats.norm.ppf((np.arange(60) + 0.5) / 60)]
    found = figures("interval", value=values)
    assert found["method"] == "robust"
    assert (found["lower"], found["upper"]) == pytest.approx((50 - 1.96 * 5, 50 + 1.96 * 5), abs=0.8)
    assert found["lower_ci"][0] < found["lower"] < found["lower_ci"][1]
    assert figures("interval", value=values) == found
    assert found["decision"] == "accepted"
    assert any("60 people; ranks need 120" in one for one in found["remarks"])
    assert figures("interval", value=values, method="horn")["remarks"] == []


def test_a_value_beyond_two_hundred_mads_counts_for_nothing() -> None:
    values = np.array(50 + 5 * stats.norm.ppf((np.arange(60) + 0.5) / 60))
    far = np.append(values, 5000.0)
    assert robust(far) == pytest.approx(robust(values), abs=1.5)


def test_an_outlier_and_groups_that_differ_are_remarked() -> None:
    assert any("9.9 may be" in one for one in remarks("interval", value=[*INSIDE[:19], 9.9], low=3, high=7))
    values = [float(one) for one in range(120)] + [float(one) + 80 for one in range(120)]
    study = ask("interval", value=values, sex=["M"] * 120 + ["F"] * 120)
    assert study.figures.groups["F"]["mean"] == pytest.approx(139.5)
    assert any("The groups M and F differ" in one.message for one in study.remarks)
    alike = remarks("interval", value=[float(one) for one in range(120)], sex=["M", "F"] * 60)
    assert not any("differ" in one for one in alike)
    alone = figures("interval", value=[float(one) for one in range(120)], sex=["M"] * 118 + ["F", "X"])
    assert alone["groups"]["X"]["sd"] == 0


def test_unusable_data_are_refused() -> None:
    assert "give at least 20" in refusal("interval", value=INSIDE[:19], low=3, high=7)
    assert "give at least 120" in refusal("interval", value=INSIDE, method="ranks")
    assert "exchange them" in refusal("interval", value=INSIDE, low=7, high=3)
    assert "same" in refusal("interval", value=[5] * 20, low=3, high=7)
    assert "value" in refusal("interval", value=[5] * 20 + [6] * 5)
    assert "confidence" in refusal("interval", value=INSIDE, confidence=100)


def test_samples_that_tie_are_drawn_again() -> None:
    found = figures("interval", value=[5.0] * 9 + [6.0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], method="robust")
    assert found["lower_ci"][0] <= found["lower_ci"][1]

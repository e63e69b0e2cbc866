"""Uncertainty from control results, at control levels and at decision levels."""

import pytest

from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

LOW = [5 + 0.1 * (-1) ** one for one in range(10)]
HIGH = [20 + 1.0 * (-1) ** one for one in range(10)]


def test_the_sum_of_squares_by_hand() -> None:
    """SD 0.1054 of a mean of 5 is 2.108 %; with a calibrator of 1 % and a bias of 2 % u is 3.073 %, U 6.146 %."""
    found = figures("uncertainty", value=LOW, u_cal_percent=1, bias_percent=2, allowable_expanded_percent=7)
    u_rw = 100 * (0.01 * 10 / 9) ** 0.5 / 5
    assert found["u_percent"] == pytest.approx((u_rw**2 + 1 + 4) ** 0.5)
    assert found["U_percent"] == pytest.approx(2 * found["u_percent"])
    assert found["U"] == pytest.approx(found["U_percent"] * 5 / 100)
    assert found["decision"] == "accepted"
    assert ask("uncertainty", value=LOW, u_cal_percent=0, allowable_standard_percent=2).decision == "rejected"
    assert figures("uncertainty", value=LOW, k=3)["U"] == pytest.approx(3 * 0.1054093, rel=1e-6)


def test_decision_levels_lie_between_controls() -> None:
    both = {"value": [*LOW, *HIGH], "level": ["1"] * 10 + ["2"] * 10, "allowable_expanded_percent": 8.5}
    found = figures("uncertainty", **both, decision_levels=[12.5, 30], u_cal_percent=0)
    low, high = (found["levels"][one]["u_rw_percent"] for one in "12")
    assert [one["u_rw_percent"] for one in found["decision_levels"]] == pytest.approx(
        [(low + high) / 2, high]
    )
    assert found["decision"] == "rejected"
    assert any("Decision level 30 lies outside" in one for one in found["remarks"])
    assert ask("uncertainty", **both, decision_levels=[8]).decision == "accepted"


def test_a_change_of_the_control_lot_is_no_imprecision() -> None:
    lots = {"value": [*LOW, *(one + 1 for one in LOW)], "lot": ["a"] * 10 + ["b"] * 10}
    assert figures("uncertainty", **lots)["levels"]["1"]["sd"] == pytest.approx((0.01 * 20 / 18) ** 0.5)


def test_what_lacks_is_remarked_or_refused() -> None:
    said = remarks("uncertainty", value=LOW)
    assert said[0].startswith("Level 1: 10 control results")
    assert said[1].startswith("u_cal was not stated")
    assert ask("uncertainty", value=LOW * 10, u_cal=0.5).remarks == ()
    assert "give at least 10" in refusal("uncertainty", value=LOW[:9])
    assert "at least 11" in refusal("uncertainty", value=[*LOW, 7], level=["1"] * 10 + ["2"])
    assert "not above 0" in refusal("uncertainty", value=[-one for one in LOW])

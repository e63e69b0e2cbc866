"""A new lot against the one in use."""

import pytest

from tests.oversight.studies.rules.asked import ask, figures, refusal, remarks

OLD = [float(one) for one in range(10, 30)]
OFF = [0.1 * (-1) ** one for one in range(20)]


def new(shift: float) -> list[float]:
    return [old + shift + off for old, off in zip(OLD, OFF, strict=True)]


def test_the_mean_difference_decides() -> None:
    assert ask("lot", current=OLD, candidate=new(0.1), critical_difference=0.5).decision == "accepted"
    assert ask("lot", current=OLD, candidate=new(0.8), critical_difference=0.5).decision == "rejected"
    assert ask("lot", current=OLD, candidate=new(0.48), critical_difference=0.5).decision == "undetermined"
    assert ask("lot", current=OLD, candidate=new(0.1)).decision == "undetermined"


def test_the_figures_by_hand() -> None:
    """Pairs differ by 1, 2 and 3: mean 2, SD 1, t(2; 0.95) = 2.920, half width 1.686."""
    found = figures("lot", old=[10, 20, 30], new=[11, 22, 33], cd_percent=25)
    assert (found["difference"], found["sd"], found["difference_percent"]) == pytest.approx((2, 1, 10))
    assert found["rejection_limit"] == pytest.approx(5 - 1.6859, abs=1e-4)
    assert found["n_needed"] == 3


def test_levels_are_judged_apart() -> None:
    levels = ["low"] * 10 + ["high"] * 10
    study = ask("lot", current=OLD, candidate=[*new(0)[:10], *new(2)[10:]], level=levels, allowable_bias=0.5)
    assert [one.decision for one in study.criteria] == ["accepted", "rejected"]
    assert study.decision == "rejected"
    assert "level high" in study.reasons[1].message
    assert "level: 2 complete rows" in refusal(
        "lot", current=OLD, candidate=OLD, level=["a"] * 18 + ["b"] * 2
    )


def test_too_few_pairs_for_their_spread_are_remarked() -> None:
    said = remarks("lot", current=[10, 20, 30], candidate=[9, 21, 30.5], cd=0.4)
    assert said[0].startswith("3 pairs: for a power of 95 % at this imprecision take ")
    assert "rejection limit falls below 0" in said[1]


def test_a_level_of_zero_has_no_percentage() -> None:
    assert figures("lot", current=[-1, 0, 1], candidate=[-1, 0, 1.1])["difference_percent"] is None

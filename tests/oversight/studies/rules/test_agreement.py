"""Bland and Altman's published figures, other scales, and the decision."""

import math

import pytest

from tests.oversight.studies.rules.asked import ask, figures, near, refusal, remarks

LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
SMALL = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
"""Peak flow by two meters. Source: Bland and Altman, Lancet 1986;i:307: -2.1, SD 38.8, -79.7 to 75.5, mean -22.0 to 17.8."""


def found(**inputs: object) -> dict[str, object]:
    return figures("bland-altman", a=LARGE, b=SMALL, **inputs)


@pytest.mark.parametrize(
    "limits", [{"limits": "mean +/- 2 SD"}, {"multiplier": 2}, {"limits": 2}, {"k": "2"}]
)
def test_the_published_figures(limits: dict[str, object]) -> None:
    told = found(**limits)
    assert near([told[one] for one in ("mean", "sd", "lower", "upper")], [-2.1, 38.8, -79.7, 75.5], least=0.1)
    assert near(told["mean_ci"], [-22.0, 17.8], least=0.06)
    assert told["outside"] == 1


def test_without_a_word_it_is_the_sample_sd_and_196() -> None:
    told, population = found(), found(sd="population")
    assert told["multiplier"] == 1.96
    assert told["loa"] == [told["lower"], told["upper"]]
    assert population["sd"] == pytest.approx(float(str(told["sd"])) * math.sqrt(16 / 17))
    assert found(ddof=0)["sd"] == population["sd"]
    assert found(limits="95 % of differences")["multiplier"] == 1.96


@pytest.mark.parametrize("words", ["mean±2SD", "mean +/- 2.0*SD", "среднее ± 2 СКО", "2 s"])
def test_the_multiplier_stands_before_the_sd(words: str) -> None:
    assert found(limits=words)["multiplier"] == 2


def test_the_other_way_round_and_the_other_method_minus_the_reference() -> None:
    assert found(difference="b-a")["mean"] == pytest.approx(2.1176, abs=1e-4)
    assert found(difference="a - b")["mean"] == pytest.approx(-2.1176, abs=1e-4)
    assert figures("bland-altman", x=LARGE, y=SMALL)["mean"] == pytest.approx(2.1176, abs=1e-4)
    assert figures("bland-altman", reference=LARGE, candidate=SMALL, difference="x-y")["mean"] < 0


def test_percent_ratio_and_logarithm() -> None:
    a, b = [10.0, 20, 40, 11], [8.0, 18, 44, 10]
    percent = figures("bland-altman", a=a, b=b, mode="percent")
    assert percent["mean"] == pytest.approx(100 * (2 / 9 + 2 / 19 - 4 / 42 + 1 / 10.5) / 4)
    first = figures("bland-altman", a=a, b=b, difference="%", versus="a")
    assert first["mean"] == pytest.approx(100 * (0.2 + 0.1 - 0.1 + 1 / 11) / 4)
    second = figures("bland-altman", a=a, b=b, mode="percent", versus="b")
    assert second["mean"] == pytest.approx(100 * (0.25 + 2 / 18 - 4 / 44 + 0.1) / 4)
    ratio = figures("bland-altman", a=a, b=b, difference="a/b")
    assert ratio["mean"] == pytest.approx((1.25 + 20 / 18 + 40 / 44 + 1.1) / 4)
    assert figures("bland-altman", a=a, b=b, difference="100*(a-b)/mean")["mean"] == percent["mean"]
    log = figures("bland-altman", a=a, b=b, mode="log")
    assert log["mean"] == pytest.approx((1.25 * 20 / 18 * 40 / 44 * 1.1) ** 0.25)
    assert log["lower"] < log["mean"] < log["upper"]
    assert "above 0" in refusal("bland-altman", a=[0, 1, 2], b=[1, 2, 3], mode="ratio")


def test_the_decision_by_bias_limits_and_total_error() -> None:
    a, b = [5.0, 6.1, 7, 8.1], [5.1, 6, 7.1, 8]
    assert ask("bland-altman", a=a, b=b, allowable_bias=0.5).decision == "accepted"
    assert ask("bland-altman", a=a, b=b, allowable_bias_percent=10, mode="percent").decision == "accepted"
    assert ask("bland-altman", a=a, b=b, allowable_bias=0.5, mode="ratio").decision == "accepted"
    assert ask("bland-altman", a=[6, 7, 8, 9.1], b=[5, 6, 7, 8], allowable_bias=0.5).decision == "rejected"
    assert ask("bland-altman", a=a, b=b, limit_of_agreement=0.1).decision == "rejected"
    assert ask("bland-altman", a=a, b=b, limit_of_agreement=0.5).decision == "accepted"
    study = ask("bland-altman", a=a, b=[5.1, 6, 7.1, 12], tea=0.4)
    assert study.figures.within_allowable == 0.75
    assert study.decision == "rejected"


def test_differences_that_grow_are_remarked() -> None:
    said = remarks("bland-altman", a=[1, 2, 3, 4, 5, 6], b=[1.1, 2.2, 3.3, 4.4, 5.5, 6.61])
    assert any("change with the level" in one for one in said)


def test_equal_pairs_have_no_spread() -> None:
    told = figures("bland-altman", a=[2, 2, 2], b=[2, 2, 2])
    assert (told["sd"], told["p_value"], told["trend_p"]) == (0, 1, 1)
    assert "give at least 3" in refusal("bland-altman", a=[2, 2], b=[2, 2])


def test_the_intervals_of_the_limits_by_hand() -> None:
    """Differences 1, 2 and 3: SD 1, t(2; 0.975) = 4.30265, the error of a limit is (1/3 + 1.96² / 4)^½ = 1.13743."""
    told = figures("bland-altman", a=[2, 4, 6], b=[1, 2, 3])
    half = 4.30265 * 1.13743
    assert told["lower_ci"] == pytest.approx([0.04 - half, 0.04 + half], abs=1e-4)
    assert told["upper_ci"] == pytest.approx([3.96 - half, 3.96 + half], abs=1e-4)
    assert told["mean_ci"] == pytest.approx([2 - 4.30265 / 3**0.5, 2 + 4.30265 / 3**0.5], abs=1e-4)


@pytest.mark.parametrize(
    ("way", "mode"),
    [
        ("a-b", "difference"),
        ("100*(a-b)/mean", "percent"),
        ("(a - b) / mean, %", "percent"),
        ("a/b", "ratio"),
        ("ln(a/b)", "log"),
        ("log a - log b", "log"),
        ("b-a", "difference"),
    ],
)
def test_the_difference_is_read_as_it_is_written(way: str, mode: str) -> None:
    assert figures("bland-altman", a=[1, 2, 3], b=[2, 2, 4], difference=way)["mode"] == mode

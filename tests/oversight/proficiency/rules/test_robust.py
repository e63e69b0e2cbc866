"""Algorithm A and S, Q and Hampel; homogeneity and stability of a material."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.proficiency.rules.material import check_homogeneity, check_stability, widened_sigma
from aliquot.oversight.proficiency.rules.robust import (
    THIRD_SIGNIFICANT_FIGURE,
    NoSpreadError,
    Stop,
    algorithm_a,
    algorithm_s,
    factors_s,
    hampel_mean,
    median_absolute_deviation,
    q_method,
    uncertainty_of_mean,
)

CLEAN = [98.0, 99.0, 99.5, 100.0, 100.0, 100.5, 101.0, 102.0]
DUPLICATES = [
    (10.5, 10.4), (9.6, 9.5), (10.4, 9.9), (9.5, 9.9), (10.0, 9.7), (9.6, 10.1),
    (9.8, 10.4), (9.8, 10.2), (10.8, 10.7), (10.2, 10.0), (9.8, 9.5), (10.2, 10.0),
]  # fmt: skip


def test_clean_values_keep_their_mean_and_their_sd_is_widened() -> None:
    found = algorithm_a(CLEAN, stop=Stop())
    assert found.x_star == 100
    assert found.s_star == pytest.approx(1.134 * math.sqrt(10.5 / 7), rel=1e-12)
    assert found.trace[0] == pytest.approx((100, 1.483 * 0.75))
    assert (found.start, found.count, found.has_converged) == ("mad", 8, True)


def test_one_outlier_hardly_moves_the_estimates() -> None:
    """Moved a hundredfold further it moves them no more."""
    near, far = (algorithm_a([*CLEAN, one], stop=Stop()) for one in (120.0, 12_000.0))
    assert near.x_star == pytest.approx(far.x_star, abs=1e-8)
    assert near.s_star == pytest.approx(far.s_star, abs=1e-8)
    assert abs(far.x_star - 100) < 0.5


def test_the_rule_of_the_standard_stops_earlier() -> None:
    values = [24.1, 20.1, 19.5, 20.3, 20.7, 17.6, 20.1, 20.9, 21.2]
    short, full = algorithm_a(values), algorithm_a(values, stop=Stop())
    assert len(short.trace) < len(full.trace)
    before, last = short.trace[-2:]
    assert [f"{one:.2e}" for one in before] == [f"{one:.2e}" for one in last]
    assert THIRD_SIGNIFICANT_FIGURE.figures == 3


def test_a_wider_k_lets_more_of_the_outlier_in() -> None:
    narrow, wide = (algorithm_a([*CLEAN, 120.0], k=k, stop=Stop()).x_star for k in (1.5, 2.5))
    assert 100 < narrow < wide


def test_identical_values_begin_with_another_spread() -> None:
    assert algorithm_a([5, 5, 5, 5, 5, 6, 7], stop=Stop()).start == "iqr"
    assert median_absolute_deviation([5, 5, 5, 5, 5, 6, 7]) == 0
    with pytest.raises(NoSpreadError, match="all values are identical"):
        algorithm_a([5.0] * 8)
    with pytest.raises(NoSpreadError, match="nearly all"):  # begins with the SD, and shrinks to nothing
        algorithm_a([5.0] * 20 + [6.0])


@pytest.mark.parametrize(("values", "words"), [([5.0], "fewer than two"), ([1.0, math.inf], "not finite")])
def test_what_has_no_spread_is_refused(values: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        algorithm_a(values)


def test_an_iteration_that_never_rests_says_so() -> None:
    """Two camps that are clipped by a ten-thousandth at each step."""
    camps = [-1.0] * 4 + [1.0] * 4
    found = algorithm_a(camps, k=1.0, sd_factor=math.sqrt(7 / 8) * 0.9999, stop=Stop())
    assert not found.has_converged
    assert len(found.trace) == 10_001


@given(
    st.lists(st.floats(-100, 100), min_size=5, max_size=30, unique=True),
    st.floats(-1e3, 1e3),
    st.floats(0.1, 10),
)
def test_estimates_move_and_stretch_with_the_values(values: list[float], shift: float, scale: float) -> None:
    try:
        plain = algorithm_a(values, stop=Stop())
        moved = algorithm_a([shift + scale * one for one in values], stop=Stop())
    except NoSpreadError:
        return
    size = max(abs(one) for one in values) * scale + abs(shift) + 1
    if plain.start == moved.start and plain.has_converged and moved.has_converged:
        assert moved.x_star == pytest.approx(shift + scale * plain.x_star, abs=1e-5 * size)


def test_the_uncertainty_of_a_consensus() -> None:
    assert uncertainty_of_mean(0.8, 25) == pytest.approx(0.2)


def test_factors_are_those_of_the_standards_table() -> None:
    table = {1: (1.645, 1.097), 2: (1.517, 1.054), 3: (1.444, 1.039), 5: (1.359, 1.027), 9: (1.277, 1.018)}
    for freedom, factors in table.items():
        assert factors_s(freedom) == pytest.approx(factors, abs=6e-4)


def test_pooled_deviations_ignore_a_wild_one() -> None:
    plain = algorithm_s([1.0, 1.1, 0.9, 1.0, 1.2, 0.8], 9, stop=Stop())
    wild = algorithm_s([1.0, 1.1, 0.9, 1.0, 1.2, 80.0], 9, stop=Stop())
    assert plain == pytest.approx(1.02, abs=0.02)
    assert wild < 1.2


def test_q_and_hampel_find_the_middle_and_the_spread_of_a_normal_sample() -> None:
    from scipy import stats

    quantiles = [10 + 2 * float(stats.norm.ppf((place + 0.5) / 99)) for place in range(99)]
    spread = q_method([*quantiles, 1e6])
    assert spread == pytest.approx(2, rel=0.06)
    assert hampel_mean([*quantiles, 1e6], spread) == pytest.approx(10, abs=0.02)


def test_q_of_few_different_values() -> None:
    assert q_method([5, 5, 5, 6, 7]) > 0
    with pytest.raises(NoSpreadError, match="do not differ"):
        q_method([5.0] * 6)


def test_a_value_far_away_has_no_weight() -> None:
    assert hampel_mean([0.0, 1.0], 1.0) == pytest.approx(0.5)
    assert hampel_mean([0.0, 0.5, 100.0], 1.0) == pytest.approx(0.25)


def test_a_homogeneous_material() -> None:
    """Between and within by hand: the variance of the means less half of the mean variance of the pairs."""
    means = [sum(one) / 2 for one in DUPLICATES]
    mean = sum(means) / 12
    within = sum((a - b) ** 2 / 2 for a, b in DUPLICATES) / 12
    between = sum((one - mean) ** 2 for one in means) / 11 - within / 2
    found = check_homogeneity(DUPLICATES, 1.14)
    assert found.s_within == pytest.approx(math.sqrt(within))
    assert found.s_between == pytest.approx(math.sqrt(between))
    assert found.limit == pytest.approx(0.342)
    assert found.is_homogeneous
    assert found.passes_expanded
    assert (found.suspect, found.few) == (None, False)


def test_the_expanded_limit_is_that_of_the_standards_table() -> None:
    """Of ten samples measured twice F1 is 1.88 and F2 is 1.01."""
    samples = [(float(place), place + 2.0) for place in range(10)]
    found = check_homogeneity(samples, 10.0)
    assert found.expanded_limit == pytest.approx(math.sqrt(1.88 * 9 + 1.01 * 2), rel=2e-3)


def test_a_sample_that_differs_and_a_pair_that_differs() -> None:
    samples = [(10.0, 10.1)] * 9 + [(14.0, 14.1)]
    assert not check_homogeneity(samples, 1.0).is_homogeneous
    assert check_homogeneity([(10.0, 10.1)] * 9 + [(10.0, 14.0)], 1.0).suspect == 9
    assert check_homogeneity([(10.0, 10.0)] * 3, 1.0).suspect is None
    assert check_homogeneity([(10.0, 10.0)] * 3, 1.0).few
    assert check_homogeneity([(9.0, 11.0), (11.0, 9.0)], 1.0).s_between == 0


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([(1.0, 2.0)], "two samples"),
        ([(1.0,), (2.0,)], "twice"),
        ([(1.0, 2.0), (1.0, 2.0, 3.0)], "equally often"),
    ],
)
def test_a_check_needs_its_measurements(samples: list[tuple[float, ...]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_homogeneity(samples, 1.0)


def test_stability_with_and_without_its_uncertainty() -> None:
    still = check_stability([10.0, 10.2], [10.1, 10.3], 1.0)
    assert still.difference == pytest.approx(0.1)
    assert still.is_stable
    noisy = check_stability([9.5, 10.5], [9.9, 10.9], 1.0)
    assert not noisy.is_stable
    assert noisy.passes_expanded
    assert noisy.expanded_limit == pytest.approx(0.3 + 2 * math.sqrt(0.25 + 0.25))
    assert not check_stability([10.0, 10.0], [12.0, 12.0], 1.0).passes_expanded
    with pytest.raises(ValueError, match="two measurements"):
        check_stability([1.0], [1.0, 2.0], 1.0)


def test_inhomogeneity_widens_the_sd_for_the_assessment() -> None:
    assert widened_sigma(3.0, 4.0) == 5

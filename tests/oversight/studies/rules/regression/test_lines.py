"""Lines against certified and published answers, and what must hold for any data."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aliquot.oversight.studies.rules.regression.deming import EXACT, deming, known_errors, weighted_deming
from aliquot.oversight.studies.rules.regression.least_squares import least_squares
from aliquot.oversight.studies.rules.regression.line import Line
from aliquot.oversight.studies.rules.regression.passing_bablok import (
    cusum_linearity,
    passing_bablok,
    resampled,
    theil_sen,
)

NORRIS = """
0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0
559.2 558.2 0.3 0.4 0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0 228.3 228.1
998.0 995.8 888.8 887.6 119.6 120.2 0.3 0.3 0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0
10.2 11.1 117.6 118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5
"""
"""Calibration of an ozone monitor, y and x in turn. Source: NIST StRD, Norris (public domain), certified values below."""
YORK_X = np.array([0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
YORK_Y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
YORK_WX = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1])
YORK_WY = np.array([1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500])
"""Pearson's data with York's weights. Source: York, Can J Phys 1966;44:1079; best line 5.47991 - 0.480533 x (Reed 1989)."""
TWENTY = np.arange(1.0, 21.0)
MEASURED = np.array([
    1.03, 2.05, 2.79, 3.67, 5.0, 5.82, 7.16, 7.69, 8.53, 10.38,
    11.11, 12.17, 13.47, 13.83, 15.15, 16.12, 16.94, 18.09, 19.13, 19.54,
])  # fmt: skip
"""Source: methcomp (MIT), test_regressor.py, answers of the R package mcr."""


def bounds(line: Line | None) -> list[float | None]:
    assert line is not None
    return [line.slope_lci, line.slope_uci, line.intercept_lci, line.intercept_uci]


def test_ordinary_regression_gives_the_certified_digits() -> None:
    numbers = np.array([float(one) for one in NORRIS.split()])
    line = least_squares(numbers[1::2], numbers[::2], 0.05)
    assert line.intercept == pytest.approx(-0.262323073774029, rel=1e-11)
    assert line.slope == pytest.approx(1.00211681802045, rel=1e-13)
    assert line.intercept_se == pytest.approx(0.232818234301152, rel=1e-11)
    assert line.slope_se == pytest.approx(0.429796848199937e-3, rel=1e-11)


def test_the_interval_of_a_line_at_its_middle_is_that_of_the_mean() -> None:
    line = least_squares(np.array([-1.0, 0, 1, 0]), np.array([1.0, 2, 3, 4]), 0.05)
    low, high = line.interval_at(0)
    assert (low, high) == (line.intercept_lci, line.intercept_uci)
    assert Line(1.0, 2.0).interval_at(3) == (None, None)
    assert Line(1.0, 2.0).at(3) == 7


def test_errors_known_point_by_point_give_the_line_of_york() -> None:
    intercept, slope = known_errors(YORK_X, YORK_Y, YORK_WX**-0.5, YORK_WY**-0.5, EXACT)
    assert (intercept, slope) == pytest.approx((5.47991022, -0.480533407), rel=1e-6)


def test_a_line_far_steeper_than_without_errors_of_x_is_found_too() -> None:
    x, y = np.array([1.0, 3, 2, 4, 3.5, 2.5]), np.array([1.0, 2, 9, 8, 30, 14])
    small, large = np.full(6, 0.01), np.full(6, 3.0)
    assert known_errors(x, y, large, small, EXACT)[1] == pytest.approx(
        deming(x, y, (3 / 0.01) ** 2)[1], rel=1e-4
    )


def test_passing_bablok_reaches_the_answers_of_mcr() -> None:
    line = passing_bablok(TWENTY, MEASURED, 0.05, "interpolated")
    assert line is not None
    assert (line.slope, line.intercept) == pytest.approx((1.005, 0.0125), abs=1e-9)
    assert bounds(line) == pytest.approx([0.9848077, 1.0265805, -0.2975146, 0.1393271], abs=5e-7)
    assert bounds(passing_bablok(TWENTY, MEASURED, 0.05)) == pytest.approx(bounds(line), abs=0.02)


def test_sen_1968() -> None:
    x, y = np.array([1.0, 2, 3, 4, 10, 12, 18]), np.array([9.0, 15, 19, 20, 45, 55, 78])
    line = passing_bablok(x, y, 0.07)
    assert line is not None
    assert [line.slope, line.intercept, *bounds(line)[:2]] == pytest.approx([4, 6, 26 / 7, 35 / 8], abs=1e-12)
    assert theil_sen(x, y, 0.07).slope == pytest.approx(4)


def test_deming_gives_the_answers_of_mcr() -> None:
    assert deming(TWENTY, MEASURED, 1.0) == pytest.approx((-0.08602996, 1.0066219), abs=5e-8)


def test_what_does_not_go_together_has_no_deming_line() -> None:
    x, y = np.array([1.0, 1, 2, 2]), np.array([1.0, 2, 1, 2])
    assert all(map(math.isnan, deming(x, y, 1.0)))
    assert all(map(math.isnan, weighted_deming(x, y, 1.0)))


def test_weights_that_never_settle_are_said_to() -> None:
    x, y = np.array([2.0, 0, 2, -3]), np.array([1.0, 3, -1, 0])  # the slope goes round in a circle
    assert all(map(math.isnan, weighted_deming(x, y, 1.0)))
    zero = np.array([0.0, 1, 2, 3])
    assert all(map(math.isnan, weighted_deming(zero, zero, 1.0)))


def test_vertical_slopes_shift_the_median_upwards() -> None:
    """Slopes: three vertical ones are the greatest; with 1, 1 and 0.5 the median of six lies between 1 and infinity."""
    x, y = np.array([1.0, 1, 1, 2]), np.array([1.0, 2, 3, 4])
    assert passing_bablok(x, y, 0.05) is None
    tied = passing_bablok(np.array([1.0, 1, 2, 3, 4]), np.array([1.0, 2, 2, 3, 4]), 0.05)
    assert tied is not None
    assert tied.slope == 1


def test_points_that_are_all_the_same_have_no_line() -> None:
    assert passing_bablok(np.ones(4), np.ones(4), 0.05) is None
    chance = np.random.Generator(np.random.PCG64(1))
    assert resampled(np.ones(4), np.ones(4), [1.0], 0.05, chance) == [None]


def test_resampling_of_a_falling_line_of_many_points_holds_it() -> None:
    chance = np.random.Generator(np.random.PCG64(1))
    x = chance.uniform(1, 50, 600)
    y = 60 - x + chance.normal(0, 1, 600)
    line = passing_bablok(x, y, 0.05)
    assert line is not None
    for level, span in zip((5.0, 45.0), resampled(x, y, [5.0, 45.0], 0.05, chance), strict=True):
        assert span is not None
        assert span[0] < line.at(level) < span[1]
        assert span[1] - span[0] < 0.6


def test_a_slope_of_minus_one_is_left_out() -> None:
    """Of the ten slopes two are -1, six 1 and two 0; one of the rest is below -1: none."""
    x, y = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 2, 4, 3, 5])
    line = passing_bablok(x, y, 0.05)
    assert line is not None
    assert line.slope == 1


def test_the_cusum_test_sees_a_bend_and_no_bend() -> None:
    x = np.arange(1.0, 41.0)
    bent = x**2
    line = passing_bablok(x, bent, 0.05)
    assert line is not None
    assert not cusum_linearity(x, bent, line, 0.05).is_linear
    wave = x + np.where(np.arange(40) % 2, 0.1, -0.1)
    straight = passing_bablok(x, wave, 0.05)
    assert straight is not None
    assert cusum_linearity(x, wave, straight, 0.05).is_linear
    assert cusum_linearity(x, x, Line(0.0, 1.0), 0.05).p_value == 1.0


NUMBERS = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=5, max_size=14)


def arrays(pairs: list[tuple[int, int]]) -> tuple[Any, Any]:
    x, y = (np.array([float(pair[side]) for pair in pairs]) for side in (0, 1))
    return x, y


@given(NUMBERS, st.floats(0.2, 5))
def test_deming_with_the_methods_exchanged_is_the_same_line(
    pairs: list[tuple[int, int]], ratio: float
) -> None:
    x, y = arrays(pairs)
    one, other = deming(x, y, ratio), deming(y, x, 1 / ratio)
    assume(all(map(math.isfinite, (*one, *other))) and 1e-3 < abs(one[1]) < 1e3)
    assert other[1] == pytest.approx(1 / one[1], rel=1e-6)


@given(NUMBERS)
def test_passing_bablok_is_what_counting_by_hand_gives(pairs: list[tuple[int, int]]) -> None:
    x, y = arrays(pairs)
    line = passing_bablok(x, y, 0.05)
    assume(line is not None and line.slope > 0)
    assert line is not None
    slopes = []
    for i, (a, b) in enumerate(pairs):
        for c, d in pairs[i + 1 :]:
            if (a, b) != (c, d):
                slopes.append(math.inf if a == c else (b - d) / (a - c))
    rising = sum((a - c) * (b - d) > 0 for a, b in pairs for c, d in pairs)
    falling = sum((a - c) * (b - d) < 0 for a, b in pairs for c, d in pairs)
    assume(rising >= falling)
    kept = sorted(one for one in slopes if one != -1)
    shift = sum(one < -1 for one in kept)
    half, odd = divmod(len(kept), 2)
    middle = (
        [kept[min(half + shift, len(kept) - 1)]]
        if odd
        else [kept[min(half + shift + k, len(kept) - 1)] for k in (-1, 0)]
    )
    assert line.slope == pytest.approx(sum(middle) / len(middle))


@given(NUMBERS, st.integers(1, 9))
def test_passing_bablok_follows_a_change_of_place(pairs: list[tuple[int, int]], off: int) -> None:
    x, y = arrays(pairs)
    one, other = passing_bablok(x, y, 0.05), passing_bablok(x + off, y + off, 0.05)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert other.slope == pytest.approx(one.slope, rel=1e-9)
        assert other.intercept == pytest.approx(one.intercept + off * (1 - one.slope), rel=1e-6, abs=1e-6)


def test_the_cusum_by_hand() -> None:
    """Two points above, then two below: the sum rises to 2; 2 / 3^½ = 1.1547."""
    found = cusum_linearity(np.arange(1.0, 5), np.array([1.1, 2.1, 2.9, 3.9]), Line(0.0, 1.0), 0.05)
    assert (found.greatest, found.statistic) == pytest.approx((2, 2 / 3**0.5))
    assert found.p_value == pytest.approx(0.1389, abs=2e-4)  # Kolmogorov's distribution

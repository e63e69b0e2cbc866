"""The run size: how many results a missed error may spoil, against a simulation of the model."""

import numpy as np
import pytest

from aliquot.flow.quality.rules.sigma.frequency import (
    MOST_RUN,
    added_errors,
    expected_unacceptable,
    run_size,
    single_rule_power,
)


def test_power_of_one_limit() -> None:
    """1-3s: 0.27 % of values are beyond it without an error, half with one of 3 SD."""
    assert single_rule_power(3, 1)(0) == pytest.approx(0.0027, abs=1e-4)
    assert single_rule_power(3, 1)(3) == pytest.approx(0.5, abs=1e-4)
    assert single_rule_power(3, 2)(3) == pytest.approx(0.75, abs=1e-4)


def test_results_beyond_the_allowable_error() -> None:
    assert added_errors(3, 0) == pytest.approx(0)
    assert added_errors(3, 3) == pytest.approx(0.5 - 0.0027, abs=1e-4)
    assert added_errors(3, 9) == pytest.approx(1 - 0.0027, abs=1e-4)


@pytest.mark.parametrize("power", [0.2, 0.5, 0.9])
def test_unacceptable_results_by_the_formula_are_those_of_the_model(power: float) -> None:
    """An error begins anywhere in a run; a run counts when the control that closes it passes."""
    generator = np.random.default_rng(5)
    first, added, run = generator.random(40_000), 0.3, 100
    passed = generator.geometric(power, 40_000) - 1
    spoiled = np.where(passed > 0, first * run + (passed - 1) * run, 0) * added
    assert expected_unacceptable(power, added) * run == pytest.approx(spoiled.mean(), rel=0.03)


def test_a_procedure_that_finds_all_needs_no_limit() -> None:
    assert expected_unacceptable(1, 0.5) == 0
    assert run_size(4, lambda _: 1.0).results == MOST_RUN


def test_run_sizes_grow_with_sigma_and_n() -> None:
    sizes = [run_size(sigma, single_rule_power(3, 2)).results for sigma in (3, 4, 5, 6)]
    assert sizes == [2, 20, 210, 2786]
    assert run_size(4, single_rule_power(3, 4)).results == 56
    assert run_size(4, single_rule_power(3, 2), allowed=10).results == 209


def test_a_sigma_beyond_all_bounds_is_soon_answered() -> None:
    assert run_size(1e300, single_rule_power(3, 1)).results == MOST_RUN


def test_the_worst_error_is_neither_small_nor_large() -> None:
    found = run_size(4, single_rule_power(3, 2))
    assert 2 < found.worst_error < 4
    assert found.detection == single_rule_power(3, 2)(found.worst_error)


@pytest.mark.parametrize(("sigma", "allowed"), [(0, 1), (-1, 1), (4, 0)])
def test_no_run_without_sigma(sigma: float, allowed: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        run_size(sigma, single_rule_power(3, 2), allowed)

"""What rules detect in one run, exactly: against formulas, simulation and published run sizes."""

import numpy as np
import pytest

from aliquot.flow.quality.rules.sigma.frequency import run_size, single_rule_power
from aliquot.flow.quality.rules.sigma.power import simulated_power
from aliquot.flow.quality.rules.sigma.zones import exact_power
from aliquot.flow.quality.rules.westgard.sets import rule_set


@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
@pytest.mark.parametrize(("levels", "replicates"), [(1, 1), (2, 1), (2, 2)])
def test_one_limit_by_the_formula(shift: float, levels: int, replicates: int) -> None:
    expected = single_rule_power(3, levels * replicates)(shift)
    assert exact_power(("1-3s",), levels, replicates)(shift) == pytest.approx(expected, abs=1e-12)


def test_two_levels_beyond_two_sd_by_the_formula() -> None:
    above, below = 0.15865525393145707, 0.0013498980316300957  # beyond +2 SD, -2 SD with an error of 1 SD
    power = exact_power(("2-2s",), 2)
    assert power(1.0) == pytest.approx(above**2 + below**2, abs=1e-9)
    assert power(-1.0) == pytest.approx(power(1.0), abs=1e-12)


@pytest.mark.parametrize(
    ("names", "levels", "replicates"),
    [
        (("1-3s", "2-2s", "R-4s"), 2, 1),
        (("1-3s", "2-2s", "R-4s", "4-1s"), 2, 2),
        (("1-3s", "2of3-2s", "R-4s", "3-1s"), 3, 1),
        (("6-x",), 3, 2),
    ],
)
def test_rules_together_as_simulated(names: tuple[str, ...], levels: int, replicates: int) -> None:
    found = simulated_power(
        rule_set(names),
        levels=levels,
        replicates=replicates,
        shift=1.5,
        series=2000,
        generator=np.random.default_rng(3),
    )
    exact = exact_power(names, levels, replicates)(1.5)
    assert found.probability == pytest.approx(exact, abs=4 * found.standard_error)


def test_run_sizes_are_about_the_published_ones() -> None:
    """Westgard Sigma Rules for two levels: about 450 results at 5 sigma and 200 at 4 (Clin Chem 2018;64:289)."""
    assert run_size(5, exact_power(("1-3s", "2-2s", "R-4s"), 2)).results == 474
    assert run_size(4, exact_power(("1-3s", "2-2s", "R-4s", "4-1s"), 2, 2)).results == 229


@pytest.mark.parametrize(
    ("names", "levels", "replicates"),
    [(("1-3s",), 3, 3), (("7T",), 1, 1), (("R-4s(range)",), 2, 1)],
)
def test_what_limits_do_not_tell_is_refused(names: tuple[str, ...], levels: int, replicates: int) -> None:
    with pytest.raises(ValueError, match="rules of limits only"):
        exact_power(names, levels, replicates)

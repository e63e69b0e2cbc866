"""What rules detect, simulated with the rules of the bench: against formulas and against each other."""

import numpy as np
import pytest

from aliquot.flow.quality.rules.sigma.frequency import single_rule_power
from aliquot.flow.quality.rules.sigma.power import Detection, simulated_power
from aliquot.flow.quality.rules.westgard.sets import rule_set


def found(*rules: str, seed: int = 7, series: int = 2000, **how: float) -> Detection:
    return simulated_power(
        rule_set(rules),
        levels=2,
        series=series,
        generator=np.random.default_rng(seed),
        **how,  # type: ignore[arg-type]  # numbers by the names of the rule
    )


@pytest.mark.parametrize("shift", [0.0, 2.0, 3.0])
def test_one_limit_is_detected_as_the_formula_says(shift: float) -> None:
    simulated = found("1-3s", shift=shift)
    expected = single_rule_power(3, 2)(shift)
    assert simulated.probability == pytest.approx(expected, abs=4 * max(simulated.standard_error, 0.002))
    assert simulated.shift == shift


def test_more_rules_runs_and_replicates_detect_more() -> None:
    one = found("1-3s", shift=2.0).probability
    assert found("1-3s", "2-2s", shift=2.0).probability > one
    assert found("1-3s", shift=2.0, replicates=2).probability > one
    assert found("1-3s", "4-1s", shift=2.0, runs=2).probability > one


def test_levels_and_runs_are_kept_apart() -> None:
    within, across = "2-2s(within-level)", "2-2s(across-levels,within-run)"
    assert found(within, shift=3.0).probability == 0
    assert found(within, shift=3.0, replicates=2).probability > 0.5
    assert found(within, shift=3.0, runs=2).probability > 0.5
    assert found(across, shift=3.0).probability == pytest.approx(0.841**2, abs=0.05)


def test_random_error_breaks_the_range() -> None:
    assert found("R-4s", spread=1.0).probability < 0.01
    wide = found("R-4s", spread=3.0)
    assert wide.probability > 0.1
    assert wide.spread == 3.0


def test_the_same_seed_says_the_same() -> None:
    assert found("1-3s", shift=1.0, series=200) == found("1-3s", shift=1.0, series=200)

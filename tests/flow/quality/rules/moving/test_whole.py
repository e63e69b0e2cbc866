"""The same monitors over a whole history at once: to the last digit what they say as results come."""

import math
import random

import numpy as np
import pytest

from aliquot.flow.quality.rules.moving.live import follow
from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, State, Treatment, with_limits
from aliquot.flow.quality.rules.moving.whole import first_outside, held, is_outside, series_of
from tests.flow.quality.rules.moving.monitors import KINDS, monitor, named

CHANCE = random.Random(7)
MANY = [CHANCE.gauss(140, 4) for _ in range(997)]
MANY[10:13] = [math.nan, math.inf, -5.0]


@pytest.mark.parametrize("one", KINDS, ids=named)
@pytest.mark.parametrize("count", [0, 3, 20, 997])
def test_a_history_at_once_is_the_history_as_it_came(one: Monitor, count: int) -> None:
    _, places, series = follow(one, State(), MANY[:count])
    expected = np.full(count, np.nan)
    expected[list(places)] = series
    assert series_of(one, np.array(MANY[:count])) == pytest.approx(expected, rel=1e-13, nan_ok=True)


def test_a_history_that_does_not_count_has_no_statistic() -> None:
    one = monitor(treatment=Treatment.EXCLUDE, truncation=Limits(0.0, 1.0))
    assert np.isnan(series_of(one, np.array(MANY))).all()


def test_what_is_outside_is_strictly_outside() -> None:
    one = with_limits(monitor(), Limits(1.0, 2.0))
    series = np.array([[1.0, 2.0, math.nan, 2.1], [1.5, 0.9, 3.0, 1.5], [1.0, 2.0, 1.5, math.nan]])
    assert is_outside(one, series).sum() == 3
    assert first_outside(one, series).tolist() == [3, 1, -1]


def test_what_does_not_move_stands() -> None:
    found = held(np.array([math.nan, 1.0, math.nan, 2.0, math.nan]))
    assert found == pytest.approx([math.nan, 1.0, 1.0, 2.0, 2.0], nan_ok=True)

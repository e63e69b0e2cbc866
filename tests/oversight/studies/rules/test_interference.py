"""A substance in one pool, or in growing doses."""

import pytest
from scipy import stats

from tests.oversight.studies.rules.asked import ask, figures, refusal

CONTROL = [5.0, 5.1, 4.9, 5.0, 5.0]


def test_pools_are_compared_by_their_means() -> None:
    more = [one + 0.5 for one in CONTROL]
    found = figures("interference", control=CONTROL, test=more, allowable_bias=1)
    assert (found["base"], found["effect"], found["effect_percent"]) == pytest.approx((5, 0.5, 10))
    assert found["decision"] == "accepted"
    assert ask("interference", control=CONTROL, test=more, allowable_bias=0.2).decision == "rejected"
    assert ask("interference", control=CONTROL, test=[*more, 5.5], tea_percent=20).decision == "undetermined"
    assert ask("interference", control=CONTROL, test=more).decision == "undetermined"
    certain = figures("interference", control=[5, 5], test=[6, 6])
    assert (certain["low"], certain["high"]) == (1, 1)


def test_the_interval_of_the_effect_by_welch() -> None:
    """Source: the t test of unequal variances, as SciPy has it."""
    more = [5.5, 5.9, 5.2]
    span = stats.ttest_ind(more, CONTROL, equal_var=False).confidence_interval(0.95)
    found = figures("interference", control=CONTROL, test=more)
    assert (found["low"], found["high"]) == pytest.approx((float(span.low), float(span.high)))


def test_doses_give_a_line_and_the_dose_where_it_is_too_much() -> None:
    found = figures("interference", dose=[0, 1, 2, 3, 4], value=[5, 5.1, 5.2, 5.3, 5.4], allowable_bias=0.3)
    assert found["effect"] == pytest.approx(0.4)
    assert found["dose_at_limit"] == pytest.approx(3)
    assert found["decision"] == "rejected"
    assert figures("interference", dose=[0, 1, 2], value=[5, 6, 7])["dose_at_limit"] is None
    assert figures("interference", dose=[-1, 0, 1], value=[-1, 0, 1])["effect_percent"] is None


def test_unusable_data_are_refused() -> None:
    assert "2 doses are too few" in refusal("interference", dose=[0, 1, 1], value=[5, 6, 7])
    assert "same" in refusal("interference", dose=[0, 1, 2], value=[5, 5, 5])
    assert "same" in refusal("interference", control=[5, 5], test=[5, 5])
    assert refusal("interference", control=CONTROL).startswith("test lacks")
    assert figures("interference", control=[-1, 1], test=[1, 2])["effect_percent"] is None

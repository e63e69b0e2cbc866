"""The next lot by an overlap: its mean, the SD by the old CV, and why it may not be used."""

from decimal import Decimal

import pytest

from aliquot.flow.quality.rules.targets.next_lot import _most_spread, transferred
from aliquot.flow.quality.rules.targets.proposals import Origin, Proposal, Summary, Target

OLD = Target(Summary(60, Decimal(5), Decimal("0.1")), Origin.ESTABLISHED)
ON_TARGET = [Decimal(one) / 100 for one in (490, 500, 510, 495, 505, 500, 490, 510, 500, 500)]
NEW = [one + 2 for one in ON_TARGET]


def words(proposal: Proposal) -> list[str]:
    return [one.message for one in proposal.reasons]


def test_the_new_lot_takes_its_own_mean_and_the_old_cv() -> None:
    found, overlap = transferred(OLD, ON_TARGET, NEW)
    assert (found.is_accepted, found.reasons) == (True, ())
    assert found.target is not None
    assert (found.target.origin, found.target.mean, found.target.sd) == (
        Origin.TRANSFERRED,
        Decimal(7),
        Decimal("0.14"),
    )
    assert overlap is not None
    assert overlap.ratio == 1
    assert round(overlap.spread, 2) == Decimal("0.51")


def test_an_old_lot_off_its_target_spoils_the_new_one() -> None:
    found, overlap = transferred(OLD, [one + Decimal("0.07") for one in ON_TARGET], NEW)
    assert not found.is_accepted
    assert words(found)[0].startswith(
        "The old lot lay at 1.014 of its target in these runs, outside 0.9876 to 1.012"
    )
    assert overlap is not None
    assert overlap.ratio > overlap.ratio_high
    low, _ = transferred(OLD, [one - Decimal("0.07") for one in ON_TARGET], NEW)
    assert not low.is_accepted
    near, _ = transferred(OLD, [one + Decimal("0.06") for one in ON_TARGET], NEW)
    assert near.is_accepted


def test_a_new_lot_that_scatters_is_not_taken() -> None:
    found, overlap = transferred(OLD, ON_TARGET, [7 + (one - 7) * 4 for one in NEW])
    assert not found.is_accepted
    assert words(found)[0].startswith("The new lot scatters 2.020 times as much")
    assert overlap is not None
    assert overlap.most_spread < 2


def test_too_few_runs_show_what_they_show() -> None:
    found, overlap = transferred(OLD, ON_TARGET[:5], NEW)
    assert (found.is_accepted, words(found)) == (
        False,
        ["5 runs are too few: a target needs 10; measure 5 more."],
    )
    assert overlap is not None
    nothing, none = transferred(OLD, ON_TARGET[:2], NEW)
    assert (nothing.target, none) == (None, None)


@pytest.mark.parametrize(("old_mean", "shift"), [(Decimal(0), 0), (Decimal(5), -20)])
def test_a_cv_needs_a_mean_above_zero(old_mean: Decimal, shift: int) -> None:
    target = Target(Summary(60, old_mean, Decimal("0.1")), Origin.ESTABLISHED)
    found, overlap = transferred(target, ON_TARGET, [one + shift for one in NEW])
    assert (found.target, overlap) == (None, None)
    assert words(found) == ["A mean at or below zero has no CV: establish the target from 20 runs instead."]


def test_the_bounds_of_the_f_test() -> None:
    """F(0.975; 9, 59) = 2.34; chi square (0.975; 9) = 19.02."""
    assert float(_most_spread(10, 60)) ** 2 == pytest.approx(2.34, abs=0.01)
    assert float(_most_spread(10, 0)) ** 2 == pytest.approx(19.02 / 9, abs=0.001)

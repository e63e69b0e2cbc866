"""Targets from own runs: enough of them, outliers named, months put together, floating no further than allowed."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.quality.rules.targets.own import (
    Outliers,
    _grubbs_limit,
    cumulative,
    established,
    floating,
)
from aliquot.flow.quality.rules.targets.proposals import Origin, Proposal, Summary, Target, summary_of

STEADY = [Decimal(one) / 10 for one in (49, 50, 51, 50, 52, 48, 50, 49, 51, 50) * 2]


def words(proposal: Proposal) -> list[str]:
    return [one.message for one in proposal.reasons]


def figures(proposal: Proposal) -> Summary:
    assert proposal.target is not None
    return proposal.target.figures


def test_count_mean_and_sd() -> None:
    found = summary_of([Decimal(2), Decimal(4), Decimal(6)])
    assert (found.n, found.mean, found.sd, found.cv) == (3, Decimal(4), Decimal(2), Decimal(50))
    assert summary_of([Decimal(-1), Decimal(1)]).cv is None
    with pytest.raises(ValueError, match="two values"):
        summary_of([Decimal(1)])


def test_twenty_runs_establish_a_target() -> None:
    found = established(STEADY)
    assert found.is_accepted
    assert (found.reasons, found.left_out) == ((), ())
    assert found.target is not None
    assert (found.target.origin, found.target.mean, found.target.is_floating) == (
        Origin.ESTABLISHED,
        Decimal(5),
        False,
    )
    assert round(found.target.sd, 4) == Decimal("0.1124")


@pytest.mark.parametrize(
    ("count", "is_accepted", "word"),
    [
        (0, False, "0 runs are too few: a target needs 20; measure 20 more."),
        (1, False, "1 runs are too few: a target needs 20; measure 19 more."),
        (9, False, "9 runs are too few: a target needs 20; measure 11 more."),
        (10, True, "Provisional: from 10 runs; it is renewed when 20 are there."),
        (19, True, "Provisional: from 19 runs; it is renewed when 20 are there."),
    ],
)
def test_fewer_runs_are_provisional_or_too_few(count: int, is_accepted: bool, word: str) -> None:  # noqa: FBT001 - a case's fact
    found = established(STEADY[:count])
    assert (found.is_accepted, words(found)) == (is_accepted, [word])
    assert (found.target is None) == (count < 2)


def test_no_spread_is_no_target() -> None:
    found = established([Decimal(5)] * 20)
    assert not found.is_accepted
    assert words(found) == ["All values are the same: there is no SD; record them with another digit."]


@pytest.mark.parametrize("how", [Outliers.BEYOND_3SD, Outliers.GRUBBS])
def test_an_outlier_is_left_out_and_named(how: Outliers) -> None:
    found = established([*STEADY, Decimal("6.5")], outliers=how)
    assert (found.is_accepted, found.left_out) == (True, (20,))
    assert figures(found) == summary_of(STEADY)
    assert words(found) == [f"Left out as too far from the others ({how.value}): 6.5."]


def test_a_value_within_3_sd_is_kept() -> None:
    values = [*STEADY, Decimal("5.35")]
    assert Decimal("2.4") < (values[-1] - summary_of(values).mean) / summary_of(values).sd < Decimal("2.7")
    assert established(values).left_out == ()


def test_all_are_kept_where_none_is_to_be_left_out() -> None:
    found = established([*STEADY, Decimal("6.5")], outliers=Outliers.KEPT)
    assert (found.left_out, figures(found).n) == ((), 21)


@pytest.mark.parametrize("values", [[], [Decimal(5)], [Decimal(5)] * 2, [Decimal(5)] * 20, STEADY])
def test_grubbs_finds_nothing_where_nothing_is(values: Sequence[Decimal]) -> None:
    assert established(values, outliers=Outliers.GRUBBS).left_out == ()


@pytest.mark.parametrize(("n", "limit"), [(3, 1.155), (10, 2.290), (20, 2.709)])
def test_grubbs_limits_are_the_published_ones(n: int, limit: float) -> None:
    assert _grubbs_limit(n) == pytest.approx(limit, abs=0.001)


def test_a_method_with_many_outliers_is_not_stable() -> None:
    values = [*STEADY, *STEADY, Decimal(9), Decimal(9), Decimal(7), Decimal(7), Decimal(7)]
    found = established(values)
    assert found.left_out == (40, 41, 42, 43, 44)
    assert not found.is_accepted
    assert "5 of 45 values would be left out" in words(found)[1]


def test_outliers_are_looked_for_anew_till_none_is_left() -> None:
    assert established([*STEADY, *STEADY, Decimal(9), Decimal("5.6")]).left_out == (40, 41)


def test_months_together_are_all_their_values() -> None:
    found = cumulative([summary_of(STEADY[:7]), summary_of(STEADY[7:12]), summary_of(STEADY[12:])])
    whole = summary_of(STEADY)
    assert found.is_accepted
    assert (figures(found).n, figures(found).mean) == (20, whole.mean)
    assert float(figures(found).sd) == pytest.approx(float(whole.sd), rel=1e-20)
    assert found.target is not None
    assert found.target.origin is Origin.CUMULATIVE


def test_no_month_is_no_target() -> None:
    assert cumulative([]).target is None
    assert words(cumulative([Summary(1, Decimal(5), Decimal(0))])) == [
        "1 runs are too few: a target needs 20; measure 19 more."
    ]


VALUES = st.lists(st.decimals(1, 100, places=2), min_size=2, max_size=30)


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_any_months_together_are_all_their_values(months: list[list[Decimal]]) -> None:
    found = cumulative([summary_of(one) for one in months])
    whole = summary_of([value for one in months for value in one])
    assert float(figures(found).mean) == pytest.approx(float(whole.mean), rel=1e-12)
    assert float(figures(found).sd) == pytest.approx(float(whole.sd), rel=1e-9, abs=1e-12)


ANCHOR = Target(Summary(20, Decimal(5), Decimal("0.1")), Origin.ESTABLISHED)


def test_a_floating_target_follows_the_newest_runs() -> None:
    found = floating([*STEADY, *(one + Decimal("0.05") for one in STEADY)], ANCHOR)
    assert found.is_accepted
    assert found.target is not None
    assert (found.target.mean, found.target.is_floating) == (Decimal("5.05"), True)


def test_a_floating_target_does_not_follow_a_drift() -> None:
    found = floating([one - Decimal("0.2") for one in STEADY], ANCHOR)
    assert not found.is_accepted
    assert words(found)[0].startswith(
        "The newest runs lie -2 SD from the mean that was established, more than 1"
    )
    assert floating([one - Decimal("0.2") for one in STEADY], ANCHOR, most_drift=Decimal(2)).is_accepted


def test_a_target_of_too_few_runs_does_not_float() -> None:
    for values in ([], STEADY[:5]):
        found = floating(values, ANCHOR)
        assert not found.is_accepted
        assert "too few" in words(found)[0]

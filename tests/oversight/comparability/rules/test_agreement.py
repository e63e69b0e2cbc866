"""Bias between analyzers and laboratories, judged against what is allowed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.comparability.rules.agreement import (
    LEAST_PATIENTS,
    Group,
    Quartiles,
    Verdict,
    difference,
    judge_median,
    judge_pairs,
    judge_quarters,
    network_median,
    network_quarters,
    peer_index,
)

D = Decimal


def middle(median: str, n: int = 400, spread: str = "0.4") -> Quartiles:
    return Quartiles(n, D(median), D(median) - D(spread) / 2, D(median) + D(spread) / 2)


def test_the_network_is_the_median_of_those_with_enough_patients() -> None:
    assert network_median([middle("4.2"), middle("4.4"), middle("9.9", n=49)]) == D("4.3")
    assert network_median([middle("4.2"), middle("4.4", n=10)]) is None


@pytest.mark.parametrize(
    ("median", "limit", "verdict"),
    [
        ("4.30", "1.8", Verdict.AGREES),
        ("4.36", "1.8", Verdict.UNCLEAR),
        ("4.40", "1.8", Verdict.UNCLEAR),
        ("4.50", "1.8", Verdict.APART),
        ("4.10", "1.8", Verdict.APART),
        ("4.50", None, Verdict.NO_LIMIT),
    ],
)
def test_a_median_is_judged_with_its_interval(median: str, limit: str | None, verdict: Verdict) -> None:
    found = judge_median(middle(median), D("4.30"), D(limit) if limit else None)
    assert found.verdict is verdict
    assert found.half == pytest.approx(D("0.730"), abs=D("0.001"))  # 1.57 x 0.4 / 20 of 4.30


def test_few_patients_and_no_network_say_nothing() -> None:
    assert judge_median(middle("5", n=49), D(5), D(1)).verdict is Verdict.FEW
    assert judge_median(middle("5"), None, D(1)).percent is None
    assert judge_median(middle("5"), D(0), D(1)).verdict is Verdict.FEW


def test_the_difference_of_a_split_tube() -> None:
    assert difference(D(90), D(110)) == D(20)
    assert difference(D(-1), D(1)) is None


def test_split_tubes_are_judged_when_there_are_enough() -> None:
    steady = [D(3) + D(one % 3 - 1) / 10 for one in range(30)]
    assert judge_pairs(steady, D(2)).verdict is Verdict.APART
    assert judge_pairs(steady, D(4)).verdict is Verdict.AGREES
    assert judge_pairs(steady, D(3)).verdict is Verdict.UNCLEAR
    few = judge_pairs(steady[:19], D(2))
    assert (few.verdict, few.half) == (Verdict.FEW, None)
    assert few.percent == pytest.approx(D(3), abs=D("0.1"))
    assert judge_pairs([], D(2)).percent is None


def test_a_peer_index_is_in_sd_of_the_whole_group() -> None:
    group = [Group(20, D(10), D(1)), Group(20, D(10), D(1)), Group(20, D(13), D(1))]
    found = peer_index(group[2], group)
    assert found.group_mean == D(11)
    # (57 x 1 + 40 x 1 + 20 x 4) / 59: within and between
    assert found.group_sd == pytest.approx((D(177) / 59).sqrt())
    assert found.sdi == pytest.approx(D(2) / (D(177) / 59).sqrt())
    assert found.verdict is Verdict.AGREES
    assert peer_index(Group(1, D(20), D(0)), [*group, Group(1, D(20), D(0))]).verdict is Verdict.APART
    assert peer_index(Group(1, D("14"), D(0)), [*group, Group(1, D("14"), D(0))]).verdict is Verdict.UNCLEAR


def test_two_peers_or_no_spread_have_no_index() -> None:
    assert peer_index(Group(5, D(10), D(1)), [Group(5, D(10), D(1)), Group(5, D(11), D(1))]).sdi is None
    same = [Group(5, D(10), D(0))] * 3
    assert peer_index(same[0], same).verdict is Verdict.FEW


@given(st.lists(st.decimals(-50, 50, places=3), min_size=20, max_size=60), st.decimals("0.1", 20, places=2))
def test_pairs_the_other_way_round_are_judged_alike(percents: list[Decimal], limit: Decimal) -> None:
    there, back = judge_pairs(percents, limit), judge_pairs([-one for one in percents], limit)
    assert there.verdict is back.verdict
    assert there.half == back.half


def test_quarters_are_judged_by_their_own_side() -> None:
    own = Quartiles(900, Decimal("4.3"), Decimal("4.1"), Decimal("5.0"))
    peers = [own, *(Quartiles(900, Decimal("4.3"), Decimal("4.1"), Decimal("4.6")) for _ in range(2))]
    whole = network_quarters(peers)
    assert whole == (Decimal("4.1"), Decimal("4.6"))
    low, high = judge_quarters(own, whole, Decimal(2))
    assert (low.percent, low.verdict) == (D(0), Verdict.AGREES)
    assert high.percent == pytest.approx(Decimal("8.696"), abs=Decimal("0.001"))
    assert high.half == pytest.approx(Decimal("2.009"), abs=Decimal("0.001"))
    assert high.verdict is Verdict.APART


def test_few_patients_have_no_quarters() -> None:
    few = Quartiles(LEAST_PATIENTS - 1, Decimal("4.3"), Decimal("4.1"), Decimal("4.6"))
    many = Quartiles(900, Decimal("4.3"), Decimal("4.1"), Decimal("4.6"))
    assert network_quarters([few, many]) == (None, None)
    assert {one.verdict for one in judge_quarters(many, (None, None), Decimal(2))} == {Verdict.FEW}
    assert {one.verdict for one in judge_quarters(few, (Decimal(4), Decimal(5)), Decimal(2))} == {Verdict.FEW}

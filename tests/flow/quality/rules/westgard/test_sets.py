"""Sets of rules to choose from: what rejects, what warns, how deep they look."""

import pytest

from aliquot.flow.quality.rules.westgard.sets import Counting, is_shipped, rule_set, shipped
from aliquot.registers.catalogue.rules.calculators.quantities import InputError


def test_the_classic_set_for_two_and_for_three_levels() -> None:
    two, three = shipped("westgard", 2), shipped("classic", 3)
    assert list(dict.fromkeys(one.rule for one in two.rejecting)) == ["1-3s", "2-2s", "R-4s", "4-1s", "10-x"]
    assert list(dict.fromkeys(one.rule for one in three.rejecting)) == [
        "1-3s",
        "2of3-2s",
        "R-4s",
        "3-1s",
        "6-x",
    ]
    assert [one.flag for one in two.warning] == ["1-2s"]
    assert (two.depth, three.depth) == (9, 5)


def test_all_is_the_whole_family_and_counts_every_run() -> None:
    everything = shipped("all")
    assert {one.rule for one in everything.rejecting} >= {"8-x", "12-x", "7T", "2of3-2s", "R-4s"}
    assert {one.flag for one in everything.rejecting} >= {"R-4s(classic)", "R-4s(range)"}
    assert everything.counting is Counting.EVERY_RUN
    assert everything.depth == 11


@pytest.mark.parametrize("name", ["gost", "ГОСТ", "Order 45", "GOST R 53133.2"])
def test_the_russian_set(name: str) -> None:
    assert {one.rule for one in shipped(name, 3).rejecting} == {"1-3s", "2-2s", "R-4s", "4-1s", "10-x"}


def test_by_hand_a_warning_begins_the_inspection() -> None:
    assert shipped("manual").is_screened
    assert not shipped("westgard").is_screened


def test_a_set_that_nobody_ships_is_refused() -> None:
    assert not is_shipped("mine")
    with pytest.raises(InputError, match="there is all, westgard, manual, gost"):
        shipped("mine")


def test_a_set_of_nothing_remembers_nothing() -> None:
    assert rule_set([]).depth == 0

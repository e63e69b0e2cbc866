"""Critical values: when a call is a repeat, how a ladder is climbed, what is read back."""

from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.results.models import CriticalCall
from aliquot.flow.results.rules.critical import (
    STEPS,
    climb,
    is_repeat,
    repeats_value,
    step_after,
)
from aliquot.flow.verification.rules.critical_policy import Repeat
from tests.factories import NOW

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LADDER = [("app", 0), ("requester", 15), ("ward", 25), ("director", 60)]


def test_only_an_open_call_takes_steps_and_every_state_is_known() -> None:
    states = set(CriticalCall.State.values)
    assert {state for state, _ in STEPS} | set(STEPS.values()) <= states
    for state, event in product(states - {"open"}, ("told", "acknowledged", "withdrawn")):
        assert step_after(state, event) is None  # type: ignore[arg-type]
    assert step_after("open", "told") == step_after("open", "acknowledged") == "closed"
    assert step_after("open", "withdrawn") == "withdrawn"
    needed_again = {state for state in states if step_after(state, "needed_again") == "open"}
    assert needed_again == {"noted"}


@pytest.mark.parametrize(
    ("value", "told", "hours", "noted"),
    [
        ("600", "550", 23, True),
        ("500", "550", 23, True),
        ("660", "550", 23, False),
        ("440", "550", 23, False),
        ("659.9", "550", 23, True),
        ("550", "550", 24, False),
        ("550", "550", 23.99, True),
        (None, "550", 1, False),
        ("550", None, 1, False),
        ("0", "0", 1, False),
        ("-11", "-10", 1, True),
        ("-13", "-10", 1, False),
    ],
)
def test_a_repeat_is_lately_told_and_hardly_changed(
    value: str | None, told: str | None, hours: float, *, noted: bool
) -> None:
    now, then = (None if one is None else Decimal(one) for one in (value, told))
    repeat = Repeat(24, Decimal(20))
    assert is_repeat(now, then, NOW - hours * HOUR, at=NOW, repeat=repeat) is noted
    assert not is_repeat(now, then, NOW - hours * HOUR, at=NOW, repeat=None)
    assert not is_repeat(now, then, None, at=NOW, repeat=repeat)


def climbed(minutes: float, *, step: int = -1, away: frozenset[str] = frozenset()) -> tuple[Any, ...]:
    """The steps taken so many minutes after the decision, and the minute of the next."""
    when = NOW + minutes * MINUTE
    found = climb(LADDER, step=step, opened_at=NOW, at=when, is_there=lambda whom: whom not in away)
    steps = [(one.whom, one.was_passed_over) for one in found.taken]
    return steps, None if found.next_at is None else (found.next_at - NOW) / MINUTE


def test_a_ladder_is_climbed_step_by_step() -> None:
    assert climbed(0) == ([("app", False)], 15)
    assert climbed(14, step=0) == ([], 15)
    assert climbed(15, step=0) == ([("requester", False)], 25)
    assert climbed(61, step=0) == ([("requester", False), ("ward", False), ("director", False)], None)
    assert climbed(90, step=3) == ([], None)


def test_who_is_off_duty_is_passed_over_and_the_next_takes_the_place_at_once() -> None:
    assert climbed(0, away=frozenset({"app"})) == ([("app", True), ("requester", False)], 25)
    night = frozenset({"ward", "director"})
    assert climbed(25, step=1, away=night) == ([("ward", True), ("director", True)], None)
    assert climbed(0, away=frozenset(whom for whom, _ in LADDER))[1] is None


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 90)), max_size=6),
    st.sets(st.sampled_from("abcdef")),
    st.lists(st.integers(0, 120), max_size=5),
)
def test_however_often_one_looks_each_step_is_taken_once_and_in_order(
    rungs: list[tuple[str, int]], away: set[str], looks: list[int]
) -> None:
    ladder = sorted(rungs, key=lambda one: one[1])
    step, taken = -1, []
    for minute in sorted(looks):
        found = climb(
            ladder, step=step, opened_at=NOW, at=NOW + minute * MINUTE, is_there=lambda who: who not in away
        )
        taken += [one.step for one in found.taken]
        step = taken[-1] if taken else -1
        assert found.next_at is None or found.next_at > NOW + minute * MINUTE
    assert taken == list(range(len(taken)))


@pytest.mark.parametrize(
    ("read_back", "value", "holds"),
    [
        ("potassium 6.9", "6.9", True),
        ("калий шесть и девять, 6,90", "6.9", True),
        ("less than 0.5, Petrova", "<0.5", True),
        ("6.8", "6.9", False),
        ("69", "6.9", False),
        ("16.9", "6.9", False),
        ("yes", "6.9", False),
        ("", "6.9", False),
        ("Gram-positive COCCI in chains", "gram-positive cocci", True),
        ("positive", "gram-positive cocci", False),
        ("anything", "", False),
        ("it is 007.0", "7", True),
        ("7.", "7", True),
        ("7 .", "7", True),
        ("X6.9X", "6.9", True),
        ("0.50", "0.5", True),
        ("seven", "7", False),
        ("6X9", "6.9", False),
    ],
)
def test_the_read_back_holds_the_digits_of_the_value(read_back: str, value: str, *, holds: bool) -> None:
    assert repeats_value(read_back, value) is holds

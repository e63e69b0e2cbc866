"""Changes between two values: the modes of a delta check, and the reference change value."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.change import (
    Check,
    Delta,
    Direction,
    Mode,
    delta,
    reference_change,
    z_value,
)

D = Decimal


def found(check: Check, previous: str, current: str, days: str | None = "1") -> Delta:
    return delta(check, D(previous), D(current), None if days is None else D(days))


@pytest.mark.parametrize(
    ("mode", "limit", "previous", "current", "days", "change", "flagged"),
    [
        (Mode.ABSOLUTE, "3.0", "88.0", "92.1", "2", "4.1", True),
        (Mode.ABSOLUTE, "4.1", "88.0", "92.1", "2", "4.1", False),  # on the limit is within
        (Mode.ABSOLUTE, "4.0", "92.1", "88.0", "2", "-4.1", True),
        (Mode.PERCENT, "50", "80", "124", "3", "55", True),
        (Mode.PERCENT, "50", "-80", "-40", "3", "50", False),
        (Mode.RATE, "0.3", "4.0", "5.0", "5", "0.2", False),
        (Mode.RATE, "0.3", "4.0", "5.0", "0.5", "2", True),
        (Mode.RATE_PERCENT, "4", "4.0", "5.0", "5", "5", True),
        (Mode.PERCENT, "0", "0", "0", "1", "0", False),
    ],
)
def test_each_mode_measures_its_own_change(
    *, mode: Mode, limit: str, previous: str, current: str, days: str, change: str, flagged: bool
) -> None:
    assert found(Check(mode, D(limit)), previous, current, days) == Delta(D(change), flagged)


@pytest.mark.parametrize(
    ("direction", "up", "down"),
    [(Direction.BOTH, True, True), (Direction.INCREASE, True, False), (Direction.DECREASE, False, True)],
)
def test_only_the_wanted_direction_counts(*, direction: Direction, up: bool, down: bool) -> None:
    check = Check(Mode.PERCENT, D(20), direction)
    assert found(check, "100", "150").is_flagged is up
    assert found(check, "100", "50").is_flagged is down


def test_the_window_holds_its_last_day_and_nothing_collected_later() -> None:
    check = Check(Mode.ABSOLUTE, D(1), window_days=D(7))
    assert found(check, "1", "9", "7") == Delta(D(8), is_flagged=True)
    assert found(check, "1", "9", "7.01") == Delta(D(8), is_flagged=False, reason="outside_window")
    assert found(check, "1", "9", "-1") == Delta(D(8), is_flagged=False, reason="outside_window")
    assert found(check, "1", "9", None).is_flagged


def test_what_cannot_be_compared_waits_for_a_person() -> None:
    assert found(Check(Mode.PERCENT, D(1)), "0", "1") == Delta(None, is_flagged=True, reason="previous_zero")
    zero_late = found(Check(Mode.PERCENT, D(1), window_days=D(7)), "0", "1", "8")
    assert zero_late == Delta(None, is_flagged=False, reason="outside_window")
    for days in ("0", "-1", None):
        assert found(Check(Mode.RATE, D(1)), "1", "2", days).reason == "no_time_passed"


def test_a_mode_without_its_limit_is_an_error() -> None:
    for check in (Check(Mode.ABSOLUTE), Check(Mode.PERCENT, D(-1)), Check(Mode.RCV)):
        with pytest.raises(ValueError, match="needs"):
            found(check, "1", "2")


def test_the_published_reference_change_of_hba1c() -> None:
    value = reference_change(D("1.5"), D("1.9"), D("1.96"))
    assert value.symmetric.quantize(D("0.1")) == D("6.7")
    assert value.up.quantize(D("0.0001")) == D("6.9391")
    assert value.down.quantize(D("0.0001")) == D("-6.4889")


def test_log_normal_limits_judge_a_fall_and_a_rise_apart() -> None:
    value = reference_change(D("2.5"), D(20), D("1.96"))  # 55.9 %; +73.9, -42.5
    for lognormal, up, down in ((False, True, False), (True, False, True)):
        check = Check(Mode.RCV, rcv=value, is_lognormal=lognormal)
        assert found(check, "100", "160").is_flagged is up
        assert found(check, "100", "55").is_flagged is down


@pytest.mark.parametrize(
    ("probability", "sides", "z"), [("0.95", 2, "1.96"), ("0.95", 1, "1.64"), ("0.99", 2, "2.58")]
)
def test_z_of_a_probability(probability: str, sides: int, z: str) -> None:
    assert z_value(D(probability), sides).quantize(D("0.01")) == D(z)


@pytest.mark.parametrize(("probability", "sides"), [("0.5", 2), ("1", 2), ("0.95", 3)])
def test_no_z_outside(probability: str, sides: int) -> None:
    with pytest.raises(ValueError, match=r"1 or 2 sides|between"):
        z_value(D(probability), sides)


@pytest.mark.parametrize(("cva", "cvi", "z"), [("-1", "1", "1"), ("1", "-1", "1"), ("1", "1", "0")])
def test_variations_are_not_negative(cva: str, cvi: str, z: str) -> None:
    with pytest.raises(ValueError, match="not negative"):
        reference_change(D(cva), D(cvi), D(z))


VARIATION = st.decimals("0.1", "60", places=1)


@given(VARIATION, VARIATION, st.decimals("0.5", "4", places=2))
def test_log_normal_limits_undo_each_other_and_lie_around_the_symmetric(
    cva: Decimal, cvi: Decimal, z: Decimal
) -> None:
    value = reference_change(cva, cvi, z)
    assert math.isclose((1 + value.up / 100) * (1 + value.down / 100), 1, rel_tol=1e-12)
    assert -100 < value.down < 0 < value.up
    assert -value.down < value.symmetric


@given(VARIATION, VARIATION, VARIATION)
def test_more_variation_never_narrows_the_limits(cva: Decimal, cvi: Decimal, more: Decimal) -> None:
    less, wider = (reference_change(cva, one, D("1.96")) for one in (cvi, cvi + more))
    assert wider.symmetric > less.symmetric
    assert wider.up > less.up
    assert wider.down < less.down

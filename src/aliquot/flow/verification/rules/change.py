"""How much a value changed, and whether that is more than chance: delta modes, reference change value.

Source: CLSI EP33 (delta check modes); Fraser and Harris, Crit Rev Clin Lab Sci 1989;27:409 (reference change
value); Fokkema et al., Clin Chem 2006;52:1602 (log-normal limits). Percent throughout; times in days.
"""

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum
from statistics import NormalDist

_HUNDRED = Decimal(100)
_PRECISE = Context(prec=28)


class Mode(StrEnum):
    """What is compared with the limit."""

    ABSOLUTE = "absolute"
    PERCENT = "percent"
    RATE = "rate_per_day"
    RATE_PERCENT = "rate_percent_per_day"
    RCV = "rcv"


class Direction(StrEnum):
    """Which change counts."""

    BOTH = "both"
    INCREASE = "increase"
    DECREASE = "decrease"


@dataclass(frozen=True, slots=True)
class ReferenceChange:
    """The change in percent that chance seldom exceeds: symmetric, and log-normal up (+) and down (-)."""

    symmetric: Decimal
    up: Decimal
    down: Decimal


@dataclass(frozen=True, slots=True)
class Check:
    """What a delta check compares with: mode, limit, direction, and how far it looks back in days.

    `limit` is positive, in the test's unit, percent, or either by day; in mode `rcv` it is unused and `rcv`
    is given, symmetric or (`is_lognormal`) with a limit of its own for each side.
    """

    mode: Mode
    limit: Decimal | None = None
    direction: Direction = Direction.BOTH
    window_days: Decimal | None = None
    rcv: ReferenceChange | None = None
    is_lognormal: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """What the check found: the signed change, whether it exceeds the limit, why nothing was compared.

    `reason` is empty, `outside_window`, `previous_zero` or `no_time_passed`. What cannot be compared is
    flagged, for only a person can say whether it is right; what lies outside the window is neither.
    """

    change: Decimal | None
    is_flagged: bool
    reason: str = ""


def z_value(probability: Decimal, sides: int = 2) -> Decimal:
    """The standard normal deviate of a probability between 0.5 and 1, for one or two sides: 0.95, 2 is 1.96.

    Raises ValueError for anything else.
    """
    if sides not in {1, 2}:
        raise ValueError("A change is judged on 1 or 2 sides.")
    if not Decimal("0.5") < probability < 1:
        raise ValueError("The probability lies between 0.5 and 1.")
    tail = float(1 - probability) / sides
    return Decimal(repr(NormalDist().inv_cdf(1 - tail)))


def reference_change(cva: Decimal, cvi: Decimal, z: Decimal) -> ReferenceChange:
    """Limits of change from analytical and within-person variation in percent.

    Symmetric: sqrt(2) z sqrt(CVa^2 + CVi^2). Log-normal: exp(+-z sqrt(2) sigma) - 1 with
    sigma^2 = ln(1 + CV^2). Raises ValueError for a negative variation or z.
    """
    if cva < 0 or cvi < 0 or z <= 0:
        raise ValueError("Variations are not negative, and z is above zero.")
    with localcontext(_PRECISE):
        variance = cva * cva + cvi * cvi
        root_2 = Decimal(2).sqrt()
        sigma = (1 + variance / _HUNDRED**2).ln().sqrt()
        spread = z * root_2 * sigma
        up, down = (spread.exp() - 1) * _HUNDRED, ((-spread).exp() - 1) * _HUNDRED
        return ReferenceChange(z * root_2 * variance.sqrt(), up, down)


def delta(check: Check, previous: Decimal, current: Decimal, days: Decimal | None) -> Delta:
    """The change from `previous` to `current`, collected `days` later, judged by `check`.

    A change equal to the limit does not exceed it, and a collection exactly at the window's end lies within.
    Raises ValueError when the mode's limit lacks.
    """
    outside = check.window_days is not None and days is not None and not 0 <= days <= check.window_days
    found = _change(check.mode, previous, current, days)
    if outside:
        return Delta(None if isinstance(found, str) else found, is_flagged=False, reason="outside_window")
    if isinstance(found, str):
        return Delta(None, is_flagged=True, reason=found)
    return Delta(found, is_flagged=_exceeds(check, found))


def _change(mode: Mode, previous: Decimal, current: Decimal, days: Decimal | None) -> Decimal | str:
    """The signed change as the mode measures it, or why there is none."""
    with localcontext(_PRECISE):
        change = current - previous
        if mode in {Mode.PERCENT, Mode.RATE_PERCENT, Mode.RCV}:
            if previous == 0 and change:
                return "previous_zero"
            change = change * _HUNDRED / abs(previous) if change else Decimal(0)
        if mode in {Mode.RATE, Mode.RATE_PERCENT}:
            if not days or days < 0:
                return "no_time_passed"
            change /= days
        return change


def _exceeds(check: Check, change: Decimal) -> bool:
    if check.direction is Direction.INCREASE and change <= 0:
        return False
    if check.direction is Direction.DECREASE and change >= 0:
        return False
    if check.mode is Mode.RCV:
        return _exceeds_reference(check, change)
    if check.limit is None or check.limit < 0:
        raise ValueError(f"The mode {check.mode} needs a limit that is not negative.")
    return abs(change) > check.limit


def _exceeds_reference(check: Check, change: Decimal) -> bool:
    if check.rcv is None:
        raise ValueError("The mode rcv needs cva, cvi and z.")
    if check.is_lognormal:
        return not check.rcv.down <= change <= check.rcv.up
    return abs(change) > check.rcv.symmetric

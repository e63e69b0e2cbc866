"""Scores of one result in a round of external assessment.

The same formulas serve the numbers of records (Decimal, exact) and of published cases (float, as published).
Source: ISO 13528:2015, 9.4-9.7; ISO/IEC 17043:2010, B.3.1, B.4.1.
"""

import math
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

Number = TypeVar("Number", float, Decimal)
WARNING_FROM = 2
ACTION_FROM = 3


class Signal(StrEnum):
    """What a score says: nothing to do, look at it, find the cause; or why there is no score."""

    ACCEPTABLE = "acceptable"
    WARNING = "warning"
    ACTION = "action"
    MISSING = "missing"
    NOT_SCORED = "not_scored"


def z_score(x: Number, assigned: Number, sigma: Number) -> Number:
    """The deviation in standard deviations for the assessment. Source: ISO 13528:2015, 9.4.1."""
    return (x - assigned) / sigma


def z_prime(x: Number, assigned: Number, sigma: Number, u_assigned: Number) -> Number:
    """The same with the standard uncertainty of the assigned value. Source: ISO 13528:2015, 9.5.1."""
    return (x - assigned) / _root(sigma * sigma + u_assigned * u_assigned)


def zeta_score(x: Number, assigned: Number, u_x: Number, u_assigned: Number) -> Number:
    """The deviation in standard uncertainties of both values. Source: ISO 13528:2015, 9.6.1."""
    return (x - assigned) / _root(u_x * u_x + u_assigned * u_assigned)


def en_score(x: Number, assigned: Number, expanded_x: Number, expanded_assigned: Number) -> Number:
    """The deviation in expanded uncertainties (k = 2) of both values. Source: ISO 13528:2015, 9.7.1."""
    return zeta_score(x, assigned, expanded_x, expanded_assigned)


def en_accepts(score: Number) -> bool:
    """Whether |En| is at most 1. Source: ISO/IEC 17043:2010, B.4.1.1."""
    return abs(score) <= 1


def sdi(x: Number, group_mean: Number, group_sd: Number) -> Number:
    """The standard deviation index: the deviation in the SD of the peer group."""
    return z_score(x, group_mean, group_sd)


def d_percent(x: Number, assigned: Number) -> Number:
    """The deviation in percent of the assigned value. Source: ISO 13528:2015, 9.3.1."""
    return 100 * (x - assigned) / assigned


def needs_z_prime(u_assigned: Number, sigma: Number) -> bool:
    """Whether u(x_pt) is more than 0.3 sigma_pt and counts in the score. Source: ISO 13528:2015, 9.2.1."""
    return 10 * u_assigned > 3 * sigma


def signal_of(score: Number) -> Signal:
    """Acceptable to 2, action from 3, between them a warning. Source: ISO 13528:2015, 9.4.2."""
    size = abs(score)
    if size <= WARNING_FROM:
        return Signal.ACCEPTABLE
    return Signal.ACTION if size >= ACTION_FROM else Signal.WARNING


def _root(value: Number) -> Number:
    return value.sqrt() if isinstance(value, Decimal) else math.sqrt(value)

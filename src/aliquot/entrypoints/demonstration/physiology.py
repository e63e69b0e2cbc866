"""What an analyzer would find in a synthetic patient: steady over time, sometimes ill, rarely in danger."""

import random
from dataclasses import dataclass
from decimal import Decimal

WITHIN_PERSON = 0.025  # relative change from one draw to the next; small beside any delta limit
SHARE_ILL = 0.22
SHARE_IN_DANGER = 0.012
SHARE_SLIP = 0.006  # a value that is not this patient's: what a delta check is for


@dataclass(frozen=True, slots=True)
class Span:
    """Limits of health of one test in the analyzer's unit."""

    low: float
    high: float
    decimals: int


def value_of(patient_seed: int, test: str, span: Span, draw: random.Random) -> Decimal:
    """The value of one draw. The patient's own level depends only on the seed and the test."""
    level = _own_level(patient_seed, test, span)
    chance = draw.random()
    if chance < SHARE_IN_DANGER:
        level = draw.choice((span.high * draw.uniform(1.8, 2.6), span.low * draw.uniform(0.3, 0.5)))
    elif chance < SHARE_IN_DANGER + SHARE_SLIP:
        level *= draw.uniform(1.6, 2.2)
    found = max(0.0, level * draw.gauss(1.0, WITHIN_PERSON))
    return Decimal(f"{found:.{span.decimals}f}")


def is_ill(patient_seed: int, test: str) -> bool:
    """Whether this patient's own level lies outside the limits of health."""
    return _own_chance(patient_seed, test).random() < SHARE_ILL


def _own_chance(patient_seed: int, test: str) -> random.Random:
    return random.Random(f"{patient_seed}:{test}")  # noqa: S311 - a demonstration, not a secret


def _own_level(patient_seed: int, test: str, span: Span) -> float:
    own = _own_chance(patient_seed, test)
    width = span.high - span.low
    if own.random() < SHARE_ILL:
        return max(
            span.low * 0.6, own.choice((span.low - 0.15 * width, span.high + own.uniform(0.05, 0.5) * width))
        )
    return span.low + width * min(0.92, max(0.08, own.gauss(0.5, 0.16)))

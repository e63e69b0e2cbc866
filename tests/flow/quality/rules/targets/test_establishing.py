"""The Russian establishing series: judged at ten and at twenty, by CV and bias."""

from decimal import Decimal

import pytest

from aliquot.flow.quality.rules.targets.establishing import Establishing, Limits, Stage, establishing

SERIES = [Decimal(one) / 10 for one in (49, 50, 51, 50, 52, 48, 50, 49, 51, 50) * 2]
LIMITS = Limits(cv10=Decimal(4), cv20=Decimal(3), b10=Decimal(5), b20=Decimal(4))


def told(found: Establishing) -> tuple[Stage, list[str]]:
    return found.stage, [one.message for one in found.proposal.reasons]


@pytest.mark.parametrize(
    ("count", "word"),
    [
        (0, "0 series are measured; 10 more follow."),
        (9, "9 series are measured; 1 more follow."),
        (10, "10 series are measured; 10 more follow."),
        (19, "19 series are measured; 1 more follow."),
    ],
)
def test_the_series_goes_on(count: int, word: str) -> None:
    found = establishing(SERIES[:count], LIMITS, Decimal(5))
    assert told(found) == (Stage.MEASURING, [word])
    assert (found.bias is None) == (count < 10)


def test_twenty_series_establish_the_chart() -> None:
    found = establishing([*SERIES, Decimal(99)], LIMITS, Decimal(5))
    assert told(found) == (Stage.ESTABLISHED, [])
    assert found.cv is not None
    assert (round(found.cv, 3), found.bias) == (Decimal("2.248"), Decimal(0))
    assert found.proposal.target is not None
    assert (found.proposal.target.mean, found.proposal.target.figures.n) == (Decimal(5), 20)


@pytest.mark.parametrize(
    ("limits", "assigned", "words"),
    [
        (Limits(cv10=Decimal(2)), "5", "The CV of 10 series is 2.309 %, above the limit CV10 of 2 %"),
        (Limits(b10=Decimal(1)), "4.9", "The bias of 10 series is 2.041 %, beyond the limit B10 of 1 %"),
        (Limits(b10=Decimal(1)), "5.1", "The bias of 10 series is -1.961 %, beyond the limit B10 of 1 %"),
        (Limits(cv20=Decimal(2)), "5", "The CV of 20 series is 2.248 %, above the limit CV20 of 2 %"),
        (Limits(b20=Decimal(1)), "4.9", "The bias of 20 series is 2.041 %, beyond the limit B20 of 1 %"),
    ],
)
def test_a_limit_that_is_not_kept_ends_the_series(limits: Limits, assigned: str, words: str) -> None:
    stage, said = told(establishing(SERIES, limits, Decimal(assigned)))
    assert stage is Stage.FAILED
    assert said[0].startswith(words)


def test_a_limit_is_kept_when_it_is_met_exactly() -> None:
    assert (
        establishing(SERIES, Limits(b10=Decimal(25), b20=Decimal(25)), Decimal(4)).stage is Stage.ESTABLISHED
    )


def test_what_is_not_known_is_said() -> None:
    found = establishing(SERIES, Limits(), None)
    assert told(found) == (
        Stage.ESTABLISHED,
        [
            "The limit CV20 is not known: the series is not judged by it.",
            "The material has no assigned value: the bias is not judged.",
        ],
    )


def test_per_cent_need_values_above_zero() -> None:
    below = establishing([one - 10 for one in SERIES], LIMITS, Decimal(5))
    assert told(below) == (
        Stage.FAILED,
        ["CV and bias in per cent need a mean and an assigned value above zero."],
    )
    assert establishing(SERIES, LIMITS, Decimal(0)).stage is Stage.FAILED

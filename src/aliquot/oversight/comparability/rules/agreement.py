"""Whether analyzers agree: medians of patients, split specimens, controls of one lot.

ISO 15189:2022, 7.3.7.4 (comparability of results by different methods, equipment and sites, for the clinical
range). Patient medians as a free monitor of harmonisation: De Grande et al., Clin Chem Lab Med 2015;53:1197.
Interval of a median: McGill, Tukey and Larsen, Am Stat 1978;32:12 (median +- 1.57 IQR / sqrt n). Of a
quartile: 1.96 standard errors, 1.363 sigma / sqrt n of a normal distribution, sigma from its own side as its
distance from the median / 0.6745 (general knowledge). Index of a peer group: (own mean - mean of the group) /
SD of the group, as interlaboratory programmes print it; beyond 2 it is out, beyond 1.25 worth a look (general
knowledge).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import mean, median, stdev

LEAST_PATIENTS = 50
LEAST_PAIRS = 20
LEAST_PEERS = 3
NOTCH = Decimal("1.57")
QUARTER_NOTCH = Decimal("3.96")
NORMAL = Decimal("1.96")
HUNDRED = Decimal(100)
WORTH_A_LOOK, OUT = Decimal("1.25"), Decimal(2)


class Verdict(StrEnum):
    """APART and AGREES hold with the whole interval; UNCLEAR: the limit lies within it."""

    AGREES = "agrees"
    APART = "apart"
    UNCLEAR = "unclear"
    FEW = "few"
    NO_LIMIT = "no_limit"


@dataclass(frozen=True, slots=True)
class Bias:
    """A bias in per cent with half the width of its 95 % interval, from `n` values; the limit in per cent."""

    percent: Decimal | None
    half: Decimal | None
    n: int
    limit: Decimal | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The middle of patients' values on one analyzer."""

    n: int
    median: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """Values of one control lot and level on one analyzer."""

    n: int
    mean: Decimal
    sd: Decimal


@dataclass(frozen=True, slots=True)
class PeerIndex:
    """Where a mean stands in its peer group; `sdi` None where there are too few peers or no spread."""

    sdi: Decimal | None
    group_mean: Decimal
    group_sd: Decimal
    peers: int
    verdict: Verdict


def network_median(found: Sequence[Quartiles]) -> Decimal | None:
    """The median of the medians that rest on enough patients; None with fewer than two of them."""
    enough = [one.median for one in found if one.n >= LEAST_PATIENTS]
    return Decimal(median(enough)) if len(enough) > 1 else None


def judge_median(own: Quartiles, whole: Decimal | None, limit: Decimal | None) -> Bias:
    """The bias of a patient median from the median of the network."""
    if own.n < LEAST_PATIENTS or not whole:
        return Bias(None, None, own.n, limit, Verdict.FEW)
    half = NOTCH * (own.high - own.low) / Decimal(own.n).sqrt() / abs(whole) * HUNDRED
    return _judged((own.median - whole) / abs(whole) * HUNDRED, half, own.n, limit)


def network_quarters(found: Sequence[Quartiles]) -> tuple[Decimal | None, Decimal | None]:
    """The medians of the lower and of the upper quartiles that rest on enough patients; None as above."""
    enough = [one for one in found if one.n >= LEAST_PATIENTS]
    if len(enough) < 2:  # noqa: PLR2004 - nothing to compare with
        return None, None
    return Decimal(median(one.low for one in enough)), Decimal(median(one.high for one in enough))


def judge_quarters(
    own: Quartiles, whole: tuple[Decimal | None, Decimal | None], limit: Decimal | None
) -> tuple[Bias, Bias]:
    """The biases of the lower and the upper quartile of patients: whether low and high values agree too."""
    low, high = whole
    return (
        _of_quarter(own, own.low, own.median - own.low, low, limit),
        _of_quarter(own, own.high, own.high - own.median, high, limit),
    )


def difference(first: Decimal, second: Decimal) -> Decimal | None:
    """How far the second value lies from the first, in per cent of their mean; None where that is zero."""
    middle = (first + second) / 2
    return (second - first) / abs(middle) * HUNDRED if middle else None


def judge_pairs(percents: Sequence[Decimal], limit: Decimal | None) -> Bias:
    """The mean difference of split specimens in per cent, as of Bland and Altman, Lancet 1986;327:307."""
    if len(percents) < LEAST_PAIRS:
        middle = mean(percents) if percents else None
        return Bias(middle, None, len(percents), limit, Verdict.FEW)
    half = NORMAL * stdev(percents) / Decimal(len(percents)).sqrt()
    return _judged(mean(percents), half, len(percents), limit)


def peer_index(own: Group, group: Sequence[Group]) -> PeerIndex:
    """Where the mean of a lot stands among all analyzers that measured it, the own one included."""
    total = sum(one.n for one in group)
    middle = sum((one.mean * one.n for one in group), Decimal(0)) / total
    inside = sum((one.sd**2 * (one.n - 1) for one in group), Decimal(0))
    between = sum(((one.mean - middle) ** 2 * one.n for one in group), Decimal(0))
    spread = ((inside + between) / max(total - 1, 1)).sqrt()
    if len(group) < LEAST_PEERS or not spread:
        return PeerIndex(None, middle, spread, len(group), Verdict.FEW)
    sdi = (own.mean - middle) / spread
    return PeerIndex(sdi, middle, spread, len(group), _of_index(abs(sdi)))


def _of_quarter(
    own: Quartiles, value: Decimal, side: Decimal, whole: Decimal | None, limit: Decimal | None
) -> Bias:
    if own.n < LEAST_PATIENTS or not whole:
        return Bias(None, None, own.n, limit, Verdict.FEW)
    half = QUARTER_NOTCH * side / Decimal(own.n).sqrt() / abs(whole) * HUNDRED
    return _judged((value - whole) / abs(whole) * HUNDRED, half, own.n, limit)


def _judged(percent: Decimal, half: Decimal, n: int, limit: Decimal | None) -> Bias:
    if limit is None:
        verdict = Verdict.NO_LIMIT
    elif abs(percent) - half > limit:
        verdict = Verdict.APART
    else:
        verdict = Verdict.AGREES if abs(percent) + half <= limit else Verdict.UNCLEAR
    return Bias(percent, half, n, limit, verdict)


def _of_index(size: Decimal) -> Verdict:
    if size > OUT:
        return Verdict.APART
    return Verdict.UNCLEAR if size > WORTH_A_LOOK else Verdict.AGREES

"""What the network agrees on: one map of tests by analyzers, and what is behind a field of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.comparability.models import LotMean, PatientMedian, SplitPair
from aliquot.oversight.comparability.rules.agreement import (
    Bias,
    Group,
    PeerIndex,
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
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.queries import allowable_errors, allowed_of

LONGEST_MONTH = timedelta(days=32)
LEVELS = ("low", "within", "high")
MOST_PAIRS = 1000
"""Split specimens of a test in a month that are looked at: the newest."""


@dataclass(frozen=True, slots=True)
class Field:
    """A test on an analyzer: its median and quartiles, and how far they lie from the network's."""

    analyzer: Analyzer
    own: Quartiles
    bias: Bias
    low: Bias
    high: Bias

    @property
    def apart(self) -> list[Bias]:
        """The biases that are beyond what is allowed, of the median first."""
        return [one for one in (self.bias, self.low, self.high) if one.verdict is Verdict.APART]


@dataclass(frozen=True, slots=True)
class Line:
    """A test on all analyzers that measured it, and the median of their medians."""

    test: Test
    whole: Decimal | None
    limit: Decimal | None
    fields: dict[int, Field]


@dataclass(frozen=True, slots=True)
class Split:
    """Tubes that two analyzers measured: the bias of the other from the first, of all and by level."""

    first: Analyzer
    other: Analyzer
    pairs: list[tuple[SplitPair, Decimal]]
    bias: Bias
    by_level: dict[str, Bias]


@dataclass(frozen=True, slots=True)
class Peer:
    """A control lot on an analyzer among all analyzers that measured it."""

    found: LotMean
    cv: Decimal | None
    index: PeerIndex


def limits(test_ids: Iterable[int], month: date) -> dict[int, Decimal | None]:
    """The bias in per cent that the catalogue allows of each test at the end of a month, by the test's id."""
    last = (month + LONGEST_MONTH).replace(day=1) - timedelta(days=1)
    return {test: allowed_of(one).bias for test, one in allowable_errors(test_ids, on=last).items()}


def lines_of(month: date) -> list[Line]:
    """Every test of a month with its analyzers."""
    found: dict[int, list[PatientMedian]] = {}
    for one in (
        PatientMedian.objects.filter(month=month)
        .select_related("test", "analyzer__laboratory")
        .order_by("test__code")
    ):
        found.setdefault(one.test_id, []).append(one)
    known = limits(found, month)
    return [_line(those, known.get(test)) for test, those in found.items()]


def medians_of(test: Test, *, since: date, until: date) -> dict[date, Line]:
    """A test in each month from `since` to before `until`."""
    found: dict[date, list[PatientMedian]] = {}
    asked = PatientMedian.objects.filter(test=test, month__gte=since, month__lt=until)
    for one in asked.select_related("test", "analyzer").order_by("-month"):
        found.setdefault(one.month, []).append(one)
    return {month: _line(those, limits([test.pk], month).get(test.pk)) for month, those in found.items()}


def splits_of(test: Test, month: date) -> list[Split]:
    """The split specimens of a test in a month, by the two analyzers, the newest at most."""
    found: dict[tuple[int, int], list[SplitPair]] = {}
    asked = SplitPair.objects.filter(test=test, month=month).select_related(
        "analyzer", "other", "specimen__order"
    )
    for one in reversed(asked.order_by("-measured_at", "-id")[:MOST_PAIRS]):
        found.setdefault((one.analyzer_id, one.other_id), []).append(one)
    limit = limits([test.pk], month).get(test.pk)
    return [_split(those, limit) for those in found.values()]


def peers_of(month: date) -> list[Peer]:
    """Each control lot that several analyzers measured in a month, the furthest from its peers first."""
    groups: dict[tuple[object, ...], list[LotMean]] = {}
    for one in LotMean.objects.filter(month=month).select_related("test", "analyzer", "laboratory"):
        key = (one.test_id, one.material, one.lot, one.level, one.unit)
        groups.setdefault(key, []).append(one)
    peers = [_peer(one, those) for those in groups.values() if len(those) > 1 for one in those]
    return sorted(peers, key=lambda one: -abs(one.index.sdi or Decimal(0)))


def _line(those: Sequence[PatientMedian], limit: Decimal | None) -> Line:
    quartiles = {one.pk: Quartiles(one.n, one.median, one.low_quartile, one.high_quartile) for one in those}
    whole = network_median(list(quartiles.values()))
    quarters = network_quarters(list(quartiles.values()))
    fields = {
        one.analyzer_id: Field(
            one.analyzer,
            quartiles[one.pk],
            judge_median(quartiles[one.pk], whole, limit),
            *judge_quarters(quartiles[one.pk], quarters, limit),
        )
        for one in those
    }
    return Line(those[0].test, whole, limit, fields)


def _split(those: Sequence[SplitPair], limit: Decimal | None) -> Split:
    found = ((one, difference(one.value, one.other_value)) for one in those)
    pairs = [(one, percent) for one, percent in found if percent is not None]
    levels = {
        level: judge_pairs([percent for one, percent in pairs if one.level == level], limit)
        for level in LEVELS
    }
    bias = judge_pairs([percent for _, percent in pairs], limit)
    return Split(those[0].analyzer, those[0].other, pairs, bias, levels)


def _peer(one: LotMean, those: Sequence[LotMean]) -> Peer:
    cv = one.sd / abs(one.mean) * 100 if one.mean else None
    return Peer(one, cv, peer_index(_group(one), [_group(each) for each in those]))


def _group(one: LotMean) -> Group:
    return Group(one.n, one.mean, one.sd)

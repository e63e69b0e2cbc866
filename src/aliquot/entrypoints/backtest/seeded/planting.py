"""Errors planted in the orders of a made-up day: which orders, which errors, and what is then read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random

from aliquot.entrypoints.backtest.seeded.control import Drift, Standing, standing_of
from aliquot.entrypoints.backtest.seeded.faults import DILUTED, DILUTIONS, EDTA, Fault
from aliquot.entrypoints.backtest.seeded.measurands import BY_CODE, COMPUTED_BY_ANALYZER, TubeKind
from aliquot.entrypoints.backtest.seeded.patients import Content
from aliquot.entrypoints.backtest.seeded.tubes import CODES, read
from aliquot.entrypoints.backtest.seeded.visits import DAY, HOURS, Visit

DRIFTING = 0.1
"""The share of pairs of analyzer and test that drift, where errors are planted at all."""
DRIFTS_SD = (2, 4, 8)
DRIFTS_PERCENT = (5, 10, 30)
SWAPS: tuple[tuple[str, tuple[TubeKind, ...]], ...] = (
    ("serum tubes", ("serum",)),
    ("blood counts", ("count",)),
    ("both tubes", ("serum", "count")),
)
PARTS = {
    "HCT": {"RBC": 1, "MCV": 1},
    "MCH": {"HGB": 1, "RBC": -1},
    "MCHC": {"HGB": 1, "RBC": -1, "MCV": -1},
}
"""What the analyzer computes, of what, and whether it rises or falls with it."""
Said = dict[TubeKind, Content]
Faulty = dict[int, tuple[Said, Fault]]
Pair = tuple[int, str]
"""Analyzer and test."""


def plant(visits: Sequence[Visit], share: float, random: Random) -> Faulty:
    """What the analyzers say of orders with an error, and which, by the number of the order."""
    wanted = round(len(visits) * share)
    free = list(range(len(visits)))
    random.shuffle(free)
    faulty = _swapped(visits, wanted, free, random)
    rest = iter([one for one in free if one not in faulty])
    for fault in (*islice(cycle(EDTA), wanted), *islice(cycle(DILUTIONS), wanted)):
        number = next((one for one in rest if _suits(visits[one], fault)), None)
        if number is not None:
            faulty[number] = (_read_by(visits[number], fault, random), fault)
    return faulty


def _suits(visit: Visit, fault: Fault) -> bool:
    """Whether it can happen to the order: it has serum, with a test that the error moves."""
    serum = visit.tubes.get("serum")
    if serum is None:
        return False
    if fault.kind == "edta":
        return "K" in serum.codes
    return "one test" not in fault.form or bool(DILUTED.intersection(serum.codes))


def _read_by(visit: Visit, fault: Fault, random: Random) -> Said:
    """A drip is in every tube of the draw; all else is in the serum alone."""
    return {
        kind: fault.read(tube, random) if kind == "serum" or "drip" in fault.form else read(tube)
        for kind, tube in visit.tubes.items()
    }


def _swapped(visits: Sequence[Visit], wanted: int, free: Iterable[int], random: Random) -> Faulty:
    """Neighbours on the way to the analyzer whose tubes changed places: half as many pairs as orders."""
    found: Faulty = {}
    for one in free:
        if len(found) >= wanted:
            break
        form, kinds = SWAPS[len(found) // 2 % len(SWAPS)]
        other = one + random.choice((1, 2, 3))
        if other >= len(visits) or one in found or other in found:
            continue
        here, there = visits[one], visits[other]
        if all(kind in here.tubes and kind in there.tubes for kind in kinds):
            fault = Fault("swap", form, "", lambda tube, _random: read(tube))
            found[one] = (_exchanged(here, there, kinds), fault)
            found[other] = (_exchanged(there, here, kinds), fault)
    return found


def _exchanged(visit: Visit, other: Visit, kinds: tuple[TubeKind, ...]) -> Said:
    return {kind: read((other if kind in kinds else visit).tubes[kind]) for kind in visit.tubes}


def drifts_of(visits: Sequence[Visit], random: Random) -> dict[Pair, Drift]:
    """Which tests drift on which analyzers; the sizes in turn, the direction by chance."""
    pairs = [pair for pair in _pairs(visits) if pair[1] not in COMPUTED_BY_ANALYZER]
    random.shuffle(pairs)
    found = {}
    for place, (analyzer, code) in enumerate(pairs[: max(6, round(len(pairs) * DRIFTING))]):
        sizes = [
            *((BY_CODE[code].analytical * one, f"{one} SD") for one in DRIFTS_SD),
            *((one / 100, f"{one} %") for one in DRIFTS_PERCENT),
        ]
        bias, words = sizes[place % len(sizes)]
        begins = DAY + timedelta(hours=random.uniform(0, 6))
        found[analyzer, code] = Drift(begins, DAY + HOURS, bias * random.choice((-1, 1)), words)
    return found


def drifted(visit: Visit, drifts: Mapping[Pair, Drift]) -> tuple[Said, dict[str, Drift]]:
    """What drifting analyzers say, and which drift each test suffers; what is computed suffers its parts'."""
    said: Said = {}
    suffered: dict[str, Drift] = {}
    for kind, tube in visit.tubes.items():
        own = {code: one for code in CODES[kind] if (one := drifts.get((tube.analyzer, code)))}
        said[kind] = read(tube, bias={code: 1 + one.at(tube.measured_at) for code, one in own.items()})
        suffered |= own
        for code, parts in PARTS.items():
            for part in filter(own.get, parts):
                suffered[code] = own[part]
    return said, suffered


def standings_of(seed: int, visits: Sequence[Visit], drifts: Mapping[Pair, Drift]) -> dict[Pair, Standing]:
    """The control of every test on every analyzer; its chance is the pair's own, whatever drifts."""
    begins, ends = DAY - timedelta(hours=1), DAY + HOURS + timedelta(hours=1)
    return {
        pair: standing_of(begins, ends, Random(f"{seed} {pair}"), _bias_sd(pair, drifts))  # noqa: S311 - made up, no secret
        for pair in _pairs(visits)
    }


def _bias_sd(pair: Pair, drifts: Mapping[Pair, Drift]) -> Callable[[datetime], float]:
    analyzer, code = pair
    parts = PARTS.get(code, {code: 1})
    own = [(one, sign) for part, sign in parts.items() if (one := drifts.get((analyzer, part)))]
    deviation = BY_CODE[code].analytical
    return lambda moment: sum(sign * one.at(moment) for one, sign in own) / deviation


def _pairs(visits: Iterable[Visit]) -> list[Pair]:
    analyzers = sorted({(tube.analyzer, tube.kind) for one in visits for tube in one.tubes.values()})
    return [(analyzer, code) for analyzer, kind in analyzers for code in CODES[kind]]

"""What a hub's day looks like to its analyzers: kinds of orders, the tubes they fill, the values in them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from aliquot.entrypoints.simulate.values import indices_of_tube
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Run
from aliquot.flow.instruments.rules.simulation import index_measurements, measurement
from aliquot.registers.catalogue.rules.intervals import Interval, interval_for

C311, XN = "roche_cobas_c311", "sysmex_xn"
CENTAUR, IMMULITE = "siemens_advia_centaur_xpt", "siemens_immulite2000"
# ten orders in turn; each tube is (model, how many of the tests it can do)
KINDS: tuple[tuple[tuple[str, int], ...], ...] = (
    ((C311, 7), (XN, 20)),
    ((C311, 7),),
    ((C311, 7), (CENTAUR, 2)),
    ((XN, 20),),
    ((C311, 7), (IMMULITE, 1)),
    ((C311, 7), (XN, 20), (CENTAUR, 3)),
    ((C311, 7),),
    ((C311, 7), (CENTAUR, 4)),
    ((XN, 20), (IMMULITE, 3)),
    ((C311, 7),),
)
STEP = 3  # tests by which the next order's choice is shifted
GROWN_UP = 14_000  # days
SHARE_IN_DANGER, SHARE_ILL = 0.005, 0.05
WITHIN_PERSON = 0.01
STRIDE = 7919  # a prime: consecutive orders are of patients far apart


@dataclass(frozen=True, slots=True)
class Measurable:
    """A test that a model measures: its code there, and the catalogue's facts that values need."""

    model: str
    code: str
    test_id: int
    container_id: int
    specimen_type_id: int
    decimals: int
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """A test in the cycle of orders: of which kind, in which tube, in which place of all."""

    kind: int
    tube: int
    item: int
    position: int
    what: Measurable


@dataclass(frozen=True, slots=True)
class Plan:
    """The cycle of orders; order `g` is of kind `g % kinds`."""

    tests: tuple[PlannedTest, ...]

    @property
    def kinds(self) -> int:
        """Orders in one cycle."""
        return self.tests[-1].kind + 1

    @property
    def results(self) -> int:
        """Results in one cycle."""
        return len(self.tests)

    @property
    def tubes(self) -> int:
        """Tubes in one cycle."""
        return self.tests[-1].tube + 1

    def orders_for(self, results: int) -> int:
        """How many orders, in whole cycles, bring at least so many results."""
        return -(-results // self.results) * self.kinds

    def by_tube(self) -> list[tuple[PlannedTest, ...]]:
        """The tests of each tube of the cycle, in order."""
        found: list[list[PlannedTest]] = [[] for _ in range(self.tubes)]
        for one in self.tests:
            found[one.tube].append(one)
        return [tuple(tests) for tests in found]


@dataclass(frozen=True, slots=True)
class Upload:
    """One message that an analyzer will send: the tube's number and the records.

    `readings` of ordered tests, `indices` of the specimen beside them.
    """

    number: str
    model: str
    records: tuple[bytes, ...]
    readings: int
    indices: int = 0

    @property
    def content(self) -> bytes:
        """The message as the other side puts it together."""
        return b"".join(record + b"\r" for record in self.records)


def make_plan(menu: Mapping[str, Sequence[Measurable]]) -> Plan:
    """The cycle with the tests that each model's menu has; one test once in an order."""
    tests: list[PlannedTest] = []
    tube = 0
    for kind, tubes in enumerate(KINDS):
        position = 0
        for model, count in tubes:
            for what in _chosen(menu[model], count, kind * STEP):
                tests.append(PlannedTest(kind, tube, len(tests), position, what))
                position += 1
            tube += 1
    return Plan(tuple(tests))


def _chosen(menu: Sequence[Measurable], count: int, start: int) -> list[Measurable]:
    places = [(start + place) % len(menu) for place in range(min(count, len(menu)))]
    return [menu[place] for place in sorted(places)]


def span_of(intervals: Sequence[Interval]) -> tuple[float, float]:
    """Usual limits of a grown-up man, for values that nobody has to look at."""
    found = interval_for(intervals, "M", GROWN_UP)
    if found is None or found.high is None:
        low = float(found.low) if found and found.low else 1.0
        return low * 1.2, low * 1.6
    low = float(found.low) if found.low else float(found.high) * 0.2
    return low, float(found.high)


def uploads(
    plan: Plan,
    numbers: Sequence[str],
    patients: Sequence[int],
    *,
    at: datetime,
    zone: tzinfo,
    has_indices: bool = False,
) -> Iterator[Upload]:
    """The message of each tube, in order; `patients` is that of each order, `numbers` that of each tube.

    With `has_indices` the models that measure haemolysis, icterus and lipaemia say them of each tube.
    """
    draw = random.Random(7)  # noqa: S311 - a measurement, not a secret
    cycle = plan.by_tube()
    for place, number in enumerate(numbers):
        tests = cycle[place % len(cycle)]
        patient = patients[place // len(cycle) * plan.kinds + tests[0].kind]
        model = tests[0].what.model
        driver = load(model)
        values = tuple(
            measurement(driver, one.what.code, _value(one.what, patient, draw), places=one.what.decimals + 3)
            for one in tests
        )
        own = index_measurements(driver, indices_of_tube(draw)) if has_indices else ()
        records = driver.result_message([Run(number, (*own, *values))], Header(at, zone))
        yield Upload(number, model, tuple(records), len(tests), len(own))


def level(test_id: int, patient: int, low: float, high: float) -> float:
    """A patient's own level of a test, always the same; sql/results.sql says it too."""
    return low + (high - low) * (0.3 + 0.4 * ((patient * STRIDE + test_id * 104_729) % 1000) / 1000)


def _value(what: Measurable, patient: int, draw: random.Random) -> Decimal:
    found = level(what.test_id, patient, what.low, what.high) * draw.gauss(1.0, WITHIN_PERSON)
    chance = draw.random()
    if chance < SHARE_IN_DANGER:
        found = what.high * 3
    elif chance < SHARE_IN_DANGER + SHARE_ILL:
        found *= 1.05
    return Decimal(f"{found:.{what.decimals + 1}f}")

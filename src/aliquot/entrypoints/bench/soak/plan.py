"""What every analyzer of a soak will say: decided by a seed, so that a killed one says the same again."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from aliquot.entrypoints.bench.soak.content import kept_contents
from aliquot.entrypoints.simulate import ordered_codes
from aliquot.entrypoints.simulate.faults.meaning import changed, padded
from aliquot.entrypoints.simulate.values import measured_run, usual_for
from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Run, WorkOrder

Fate: TypeAlias = Literal["filed", "control", "quarantined"]

# what is strange about a message, how often, and the reason its reading waits for
STRANGE: tuple[tuple[str, float], ...] = (
    ("unknown-code", 0.03),
    ("unknown-flag", 0.03),
    ("unknown-unit", 0.03),
    ("foreign-specimen", 0.03),
    ("control", 0.03),
)
REASONS = {
    "unknown-code": "unmapped_code",
    "unknown-unit": "unit_differs",
    "foreign-specimen": "unknown_specimen",
}
SHARE_BIG = 0.004
SHARE_REPEATED = 0.03
SHARE_ASKED = 0.12
LONGEST_SKEW = 16 * 30  # days; one analyzer of five has a clock that is wrong


@dataclass(frozen=True, slots=True)
class Expected:
    """One result and what has to become of it; `reason` is why it waits for a person."""

    specimen: str
    code: str
    value: str
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One message: its records, what is expected of each result, and how it is sent."""

    records: list[bytes]
    expected: tuple[Expected, ...]
    strange: str
    is_repeated: bool
    is_asked: bool


@dataclass(frozen=True)
class Device:
    """One analyzer of the soak: its line, the codes it measures, the tubes on its rack."""

    code: str
    model: str
    port: int
    orders_port: int
    folder: str
    zone: str
    codes: tuple[str, ...]
    tubes: tuple[str, ...]
    seed: int
    base: str

    @cached_property
    def driver(self) -> Driver:
        """The driver it is made from."""
        return load(self.model)

    @property
    def can_ask(self) -> bool:
        """Whether this model asks what to do."""
        query, simulation = self.driver.layout.query, self.driver.layout.simulation
        return (
            not self.folder
            and query is not None
            and simulation is not None
            and bool(simulation.records.get("query"))
        )

    @property
    def ordered(self) -> set[str]:
        """What an order for one of its tubes asks for, as its driver would write it."""
        order = WorkOrder(self.tubes[0], self.codes, place=self.tubes[0])
        messages = self.driver.order_message([order], Header(datetime.fromisoformat(self.base)))
        contents = [b"".join(record + b"\r" for record in records) for records in messages]
        return {code for content in contents for code in ordered_codes(self.driver, content)}

    def said(self, number: int) -> Said:
        """Return message `number`, always the same."""
        draw = Random(f"{self.seed}:{self.code}:{number}")  # noqa: S311 - a simulation, not a secret
        run = measured_run(self.driver, self.tubes[number], draw, codes=self.codes)
        header = Header(self._clock(number), ZoneInfo(self.zone))
        plain = self.driver.result_message([run], header)
        strange = _strange(draw)
        other = _made(run, strange, number, draw)
        records = self.driver.result_message([other], header)
        if records == plain or not _is_said(self.driver, records, other):
            # this model has no place for what would be strange
            strange, other, records = "", run, plain
        if draw.random() < SHARE_BIG and plain[0][:1] in (b"H", b"M"):
            records = padded(records)
        return Said(
            records,
            tuple(_expected(self.driver, records, run, other, strange)),
            strange,
            draw.random() < SHARE_REPEATED,
            self.can_ask and draw.random() < SHARE_ASKED,
        )

    def _clock(self, number: int) -> datetime:
        """The device's clock: a second between its messages, and for some devices far from the truth."""
        wrong = Random(f"{self.seed}:{self.code}:clock")  # noqa: S311 - same
        days = wrong.randint(-LONGEST_SKEW, 0) if wrong.random() < 0.2 else 0  # noqa: PLR2004 - one in five
        return datetime.fromisoformat(self.base) + timedelta(days=days, seconds=number)


@dataclass(frozen=True, slots=True)
class Plan:
    """All devices and what strikes their lines."""

    devices: tuple[Device, ...]
    faults: dict[str, float]
    pause: float  # seconds between two messages of a device, on average
    messages: int | None  # of each device; None: until it is told to stop

    def write(self, path: Path) -> None:
        """Keep the plan where the simulating processes find it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """Return the plan that `write` has kept."""
    data = json.loads(path.read_text("utf-8"))
    devices = tuple(
        Device(**{**one, "codes": tuple(one["codes"]), "tubes": tuple(one["tubes"])})
        for one in data["devices"]
    )
    return Plan(devices, data["faults"], data["pause"], data["messages"])


def base_time() -> str:
    """The moment from which the devices' clocks count."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def _strange(draw: Random) -> str:
    chance, mark = draw.random(), 0.0
    for name, share in STRANGE:
        mark += share
        if chance < mark:
            return name
    return ""


def _is_said(driver: Driver, records: Sequence[bytes], run: Run) -> bool:
    """Whether the message says what was meant: some models have no room for a foreign code or number."""
    contents = kept_contents(driver.framing, records)
    found = [one for content in contents for one in driver.read(content).readings]
    kind = "control" if run.control else "patient"
    said = [(run.specimen_code, one.code, kind) for one in run.measurements]
    return said == [(one.specimen_code, one.code, one.kind) for one in found]


def _made(run: Run, strange: str, number: int, draw: Random) -> Run:
    if strange == "control":
        return Run(f"QC-{number}", run.measurements, control=True)
    if strange == "foreign-specimen":
        return replace(run, specimen_code=f"TYPED{number}")  # once for each device
    return changed(run, strange, draw) if strange else run


def _expected(driver: Driver, records: Sequence[bytes], run: Run, said: Run, strange: str) -> list[Expected]:
    words = driver.layout.value.words
    shown = _shown(driver, records)
    found = []
    for plain, one in zip(run.measurements, said.measurements, strict=True):
        is_strange = plain != one or said.specimen_code != run.specimen_code
        fate: Fate = "filed"
        if strange == "control":
            fate = "control"
        elif strange == "unknown-unit" and not usual_for(driver, one.code).is_number:
            fate = "filed"  # a finding in words has no unit to be wrong
        elif is_strange and strange in REASONS:
            fate = "quarantined"
        reason = REASONS[strange] if fate == "quarantined" else ""
        value = words.get(one.value, one.value)
        if value.startswith(shown.get(one.code, value)):
            value = shown.get(one.code, value)  # a narrow device shows fewer digits
        found.append(Expected(said.specimen_code, one.code, value, fate, reason))
    return found


def _shown(driver: Driver, records: Sequence[bytes]) -> dict[str, str]:
    contents = kept_contents(driver.framing, records)
    return {one.code: one.value for content in contents for one in driver.read(content).readings}


def shares(devices: Sequence[Device], count: int) -> list[tuple[Device, ...]]:
    """Return the devices dealt out to so many processes."""
    return [tuple(devices[at::count]) for at in range(count)]

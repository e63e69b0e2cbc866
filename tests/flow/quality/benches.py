"""A haematology analyzer under control: two levels of a lot with targets and a plan, and what its line sends."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.quality.actions import Level, Plan, Target, add_material, begin_lot, set_plan, set_target
from aliquot.flow.quality.models import ControlLot, ControlRun, ReleaseState
from aliquot.flow.results.actions import file_readings
from aliquot.flow.results.models import Result
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted
from tests.regions import Region, one_with
from tests.tubes import make_analyzer, message_of

MEANS = {1: Decimal(80), 2: Decimal(150)}  # g/L of haemoglobin
SD = Decimal(2)


@dataclass
class Controlled:
    """`at` is the clock of this bench; every message moves it by a minute."""

    region: Region
    analyzer: Analyzer
    test: Test
    lots: dict[int, ControlLot]
    manager: Actor
    technologist: Actor
    at: datetime = NOW
    _serial: list[int] = field(default_factory=lambda: [0])

    def control(self, **z: float) -> None:
        """The line sends these levels, so many SD from their means."""
        for level, value in z.items():
            number = int(level[1:])
            shown = (MEANS[number] + SD * Decimal(str(value))) / 10  # the device says g/dL
            self.send(f"QC-L{number}", f"{shown:.4f}", control=True)
        self.read()

    def run(self, *z: float, hours: int = 1) -> ControlRun:
        """A whole run, so many hours later: its levels in their order; how it was judged."""
        self.at += timedelta(hours=hours)
        self.control(**{f"l{level}": value for level, value in enumerate(z, start=1)})
        return self.last()

    def last(self) -> ControlRun:
        found = ControlRun.objects.filter(analyzer=self.analyzer, test=self.test).order_by("-number").first()
        assert found is not None
        return found

    def send(self, tube: str, value: str, *, control: bool = False) -> None:
        self._serial[0] += 1
        self.at += timedelta(minutes=1)
        content = message_of(
            self.analyzer.driver, tube, Measurement("HGB", value, "g/dL"), at=self.at, control=control
        )
        kept = KeptMessage(self.region.hub.pk, self.analyzer.pk, "test", content, self.at)
        keep_messages([kept], by=self.region.worker)

    def read(self) -> int:
        return file_readings(limit=100, by=self.region.worker, at=self.at)

    def patient(self, value: str = "14.2") -> Result:
        """What becomes of a patient's haemoglobin that is measured now."""
        tube = make_accepted(self.region, "HGB")
        self.send(tube.number, value)
        self.read()
        return Result.objects.get(specimen=tube)

    def standing(self) -> str:
        return ReleaseState.objects.get(analyzer=self.analyzer, test=self.test, until=None).qc_state


def make_controlled(
    region: Region, *, has_targets: bool = True, at: datetime = NOW, **plan: Any
) -> Controlled:
    """Targets by the manufacturer since the day before, the classic multirule; `plan` changes it."""
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-QC", 40_101)
    manager, technologist = one_with(region, "quality_manager"), one_with(region, "technologist", region.hub)
    test = Test.objects.get(code="HGB")
    since = at - timedelta(days=1)
    with acting(manager):
        material = add_material(region.hub, "Blood control", by=manager, at=since)
        lots = begin_lot(material, "A1", [Level(1, ("QC-L1",)), Level(2, ("QC-L2",))], by=manager, at=since)
        if has_targets:
            for lot in lots:
                set_target(lot, analyzer, test, Target(MEANS[lot.level], SD), by=manager, at=since)
        rules = {"rules": ("1-3s", "2-2s", "R-4s", "4-1s", "10-x"), **plan}
        set_plan(analyzer, test, Plan(**rules), by=manager, at=since)
    return Controlled(region, analyzer, test, {one.level: one for one in lots}, manager, technologist, at)

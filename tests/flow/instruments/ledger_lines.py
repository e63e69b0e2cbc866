"""One analyzer's line into the ledger: what it keeps, what reads it, what is read again."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aliquot.flow.instruments.actions import KeptMessage, apply_replay, keep_messages, read_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

WBC = Measurement("WBC", "6.155", "10*3/uL")
HGB = Measurement("HGB", "14.26", "g/dL")


@dataclass(frozen=True, slots=True)
class Line:
    region: Region
    analyzer: Analyzer
    people: dict[str, Actor]  # by role

    def content(self, tube: str, *measured: Measurement, minutes: int = 5, control: bool = False) -> bytes:
        header = Header(NOW - timedelta(minutes=minutes), ZoneInfo("Europe/Moscow"))
        records = load("sysmex_xn").result_message([Run(tube, measured, control)], header)
        return b"".join(one + b"\r" for one in records)

    def keep(self, content: bytes, **changes: Any) -> int:
        message = KeptMessage(self.region.hub.pk, self.analyzer.pk, "t", content, NOW)
        return keep_messages([replace(message, **changes)], by=self.region.worker)[0]

    def read(self) -> None:
        read_messages(limit=100, by=self.region.worker, at=NOW)


def make_line(region: Region) -> Line:
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-T")
    return Line(
        region, analyzer, {role: one_with(region, role) for role in ("laboratory_doctor", "hub_director")}
    )


def replay(line: Line) -> Any:
    """What reading the last two days again brought about."""
    doctor, day = line.people["laboratory_doctor"], timedelta(days=1)
    with acting(doctor):
        done = apply_replay(line.analyzer, NOW - day, NOW + day, reason="corrected", by=doctor, at=NOW)
    line.read()
    return done

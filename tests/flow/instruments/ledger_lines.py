"""One analyzer's line into the ledger: what it keeps, what reads it, what is read again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pytest

from aliquot.flow.instruments.actions import KeptMessage, apply_replay, keep_messages, read_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.reading import Measurement, Reading, Understood
from aliquot.flow.instruments.rules.understanding import Interpreter
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region, one_with
from tests.tubes import make_analyzer, message_of

WBC = Measurement("WBC", "6.155", "10*3/uL")
HGB = Measurement("HGB", "14.26", "g/dL")
Readings: TypeAlias = tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Line:
    region: Region
    analyzer: Analyzer
    people: dict[str, Actor]  # by role

    def content(self, tube: str, *measured: Measurement, minutes: int = 5, control: bool = False) -> bytes:
        at = NOW - timedelta(minutes=minutes)
        return message_of("sysmex_xn", tube, *measured, at=at, control=control)

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


def read_otherwise(monkeypatch: pytest.MonkeyPatch, **otherwise: Any) -> None:
    """As a corrected driver would, that reads this of every line."""
    _understand(monkeypatch, lambda found: tuple(replace(one, **otherwise) for one in found))


def find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a driver would that takes no line for a result any more."""
    _understand(monkeypatch, lambda _: ())


def _understand(monkeypatch: pytest.MonkeyPatch, changed: Callable[[Readings], Readings]) -> None:
    understand = Interpreter.understand

    def otherwise(self: Interpreter, content: bytes, zone: ZoneInfo) -> Understood:
        found = understand(self, content, zone)
        return replace(found, readings=changed(found.readings))

    monkeypatch.setattr(Interpreter, "understand", otherwise)


def replay(line: Line) -> Any:
    """What reading the last two days again brought about."""
    doctor, day = line.people["laboratory_doctor"], timedelta(days=1)
    with acting(doctor):
        done = apply_replay(line.analyzer, NOW - day, NOW + day, reason="corrected", by=doctor, at=NOW)
    line.read()
    return done

"""The record of a monitor's verification, which a person signs before it is switched on."""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import numpy as np

from aliquot.flow.quality.rules.moving.choice import Assessed, Choice
from aliquot.flow.quality.rules.moving.design import Days, FalseAlarms
from aliquot.flow.quality.rules.moving.detection import Detected, Error
from aliquot.flow.quality.rules.moving.monitors import Monitor, as_json


class Shortfall(StrEnum):
    """Why a monitor does less than was asked of it."""

    FALSE_ALARMS = "false_alarms"  # on the days held out it leaves its limits more often than was stated
    UNDETECTED = (
        "undetected"  # errors of the allowable size are not found, or hardly sooner than false alarms come
    )
    SLOW = "slow"  # the median error of the allowable size is found after more results than a day has


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was verified, on which results, what was asked, what was found, and who signed it.

    ISO 15189:2022 7.3.2 and 7.3.7: a procedure is verified, and the record kept, before it is used.
    """

    test: str
    analyzer: str
    unit: str
    monitor: Monitor
    first_day: date | None
    last_day: date | None
    days: int
    results: int
    tea: float
    error: Error
    alarms_per_day: float
    false_alarms: FalseAlarms
    curve: tuple[Detected, ...]
    compared: int
    shortfalls: tuple[Shortfall, ...]
    signed_by: str = ""
    signed_at: datetime | None = None
    despite: str = field(default="")

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None


def verification(
    days: Days,
    choice: Choice,
    assessed: Assessed,
    *,
    test: str,
    analyzer: str,
    unit: str,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Verification:
    """The record, not yet signed, of one candidate of a choice made on these days."""
    return Verification(
        test=test,
        analyzer=analyzer,
        unit=unit,
        monitor=assessed.monitor,
        first_day=first_day,
        last_day=last_day,
        days=len(days),
        results=sum(len(one) for one in days),
        tea=choice.tea,
        error=choice.error,
        alarms_per_day=choice.alarms_per_day,
        false_alarms=assessed.detection.false_alarms,
        curve=assessed.detection.curve,
        compared=len(choice.assessed),
        shortfalls=_shortfalls(days, assessed),
    )


def _shortfalls(days: Days, assessed: Assessed) -> tuple[Shortfall, ...]:
    median, usual = assessed.slowest.mnped, float(np.median([len(one) for one in days]))
    faults = {
        Shortfall.FALSE_ALARMS: not assessed.keeps_rate,
        Shortfall.UNDETECTED: not assessed.finds,
        Shortfall.SLOW: median is not None and median > usual,
    }
    return tuple(one for one, is_there in faults.items() if is_there)


def sign(record: Verification, *, by: str, at: datetime, despite: str = "") -> Verification:
    """The record as signed; ValueError without a name, twice, or with shortfalls and no reason `despite`."""
    if record.is_signed:
        raise ValueError("The record is signed; verify again for a new one.")
    if not by.strip():
        raise ValueError("by: say who signs.")
    if record.shortfalls and not despite.strip():
        raise ValueError(
            "despite: the monitor falls short of what was asked; say why it is used all the same."
        )
    return replace(record, signed_by=by, signed_at=at.astimezone(UTC), despite=despite)


def record_as_json(record: Verification) -> dict[str, Any]:
    """The record as plain values for JSON."""
    found = asdict(record)
    times = {
        key: one and one.isoformat()
        for key, one in (
            ("first_day", record.first_day), ("last_day", record.last_day), ("signed_at", record.signed_at)
        )
    }  # fmt: skip
    return found | times | {"monitor": as_json(record.monitor)}

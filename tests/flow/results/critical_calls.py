"""Calls of critical values as tests make them: opened by the worker, climbed step by step, told."""

from datetime import datetime, timedelta
from typing import Any

from aliquot.flow.results.actions import escalate_calls, tell_critical
from aliquot.flow.results.models import CriticalCall, CriticalEscalation
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_accepted, make_decided
from tests.regions import Region

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def called(
    region: Region,
    value: str = "7.8",
    *,
    code: str = "K",
    at: datetime = NOW,
    patient: Patient | None = None,
    **changes: Any,
) -> CriticalCall:
    """The call of a critical value, decided by the worker."""
    tube = make_accepted(region, code, patient=patient, **changes)
    result = make_decided(region, tube, code, value, decided_at=at)
    with acting(region.worker):
        return CriticalCall.objects.get(result=result)


def climb(region: Region, at: datetime) -> int:
    """How many steps of ladders are taken at this moment."""
    with acting(region.worker):
        return escalate_calls(limit=10, by=region.worker, at=at)


def steps(region: Region, call: CriticalCall) -> list[tuple[str, bool]]:
    """Every step taken, in order, and whether it was passed over."""
    with acting(region.worker):
        kept = CriticalEscalation.objects.filter(call=call).order_by("step")
        return [(one.whom, one.was_passed_over) for one in kept]


def tell(call: CriticalCall, by: Actor, *, at: datetime = NOW + 5 * MINUTE, **changes: Any) -> CriticalCall:
    """The call, closed by who told the value and heard it read back."""
    with acting(by):
        return tell_critical(call, "Dr. Lugovoy", call.value_text, by=by, at=at, **changes)

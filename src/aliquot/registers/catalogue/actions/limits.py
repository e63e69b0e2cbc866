"""Change the limits by which a result of a test waits for a person."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test


@dataclass(frozen=True, slots=True)
class DecisionLimits:
    """What decides whether a result of a test waits for a person; None: no such limit."""

    critical_low: Decimal | None
    critical_high: Decimal | None
    technical_low: Decimal | None
    technical_high: Decimal | None
    delta_percent: Decimal | None
    delta_days: int | None
    autorelease: bool


def change_limits(test: Test, limits: DecisionLimits, *, reason: str, by: Actor, at: datetime) -> Test:  # noqa: ARG001 - every action says when
    """The test with these limits; the audit keeps the reason, and loading the catalogue leaves them alone.

    Only who approves the catalogue may do this. Source: ISO 15189:2022, 7.3.7.3 and 7.4.1.3: the laboratory's
    director answers for critical limits and for automatic release.
    """
    by.require("approve_catalogue")
    if not reason.strip():
        sentence = _("Say why, and where the limits come from.")
        raise Refused(sentence, fields={"reason": sentence})
    faults = {
        f"{name}_high": _("The upper limit lies below the lower one.")
        for name in ("critical", "technical")
        if _is_upside_down(getattr(limits, f"{name}_low"), getattr(limits, f"{name}_high"))
    }
    if (limits.delta_percent is None) != (limits.delta_days is None):
        faults["delta_days"] = _("A delta check needs both: percent and days.")
    if faults:
        raise Refused(_("The limits contradict each other."), fields=faults)
    state_reason(reason.strip())
    current = Test.objects.select_for_update().get(pk=test.pk)
    own = sorted({*current.own_limits, *_changed(current, limits)})
    Test.objects.filter(pk=test.pk).update(**asdict(limits), own_limits=own)
    test.refresh_from_db()
    return test


def _changed(test: Test, limits: DecisionLimits) -> set[str]:
    """Names of the limits that differ; of a pair both, for they were judged together."""
    given = asdict(limits)
    kinds = {name.partition("_")[0] for name, value in given.items() if getattr(test, name) != value}
    return {name for name in given if name.partition("_")[0] in kinds}


def _is_upside_down(low: Decimal | None, high: Decimal | None) -> bool:
    return low is not None and high is not None and high < low

"""Controls that belong to no lot: the lot learns what analyzers call it, and what waits is filed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.quality.actions.filing import Measured, file_waiting
from aliquot.flow.quality.models import ControlLot
from aliquot.flow.quality.queries.control import NEWEST
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class _Waiting:
    reading_id: int
    laboratory_id: int
    analyzer_id: int
    test_id: int
    number: str
    factor: Decimal
    unit: str
    measured_at: datetime | None
    received_at: datetime


def adopt_controls(lot: ControlLot, code: str, *, by: Actor, at: datetime) -> int:
    """From now on analyzers call this lot so; what they sent under that name is filed; how many values.

    Refused for a lot that has ended, and for a name that means another material or level in use. The lot
    before gives the name to the newer one. Values measured before the lot began stay without a lot.
    """
    by.require("manage_quality")
    if lot.laboratory_id not in by.sites:
        raise Forbidden(_("This belongs to another laboratory."))
    with transaction.atomic():
        held = ControlLot.objects.select_for_update(of=("self",), no_key=True)  # its values go on coming
        found = held.select_related("material").get(pk=lot.pk)
        _check(found, code)
        if code not in found.codes:
            found.codes = [*found.codes, code]
            found.save(update_fields=["codes"])
        waiting = sql_files.fetch(
            _Waiting, SQL, "waiting_controls", laboratory=lot.laboratory_id, code=code, among=NEWEST
        )
        measured = [_measured(one, found) for one in waiting]
        return file_waiting([one for one in measured if one.measured_at >= found.begun_at], by=by, at=at)


def _check(lot: ControlLot, code: str) -> None:
    if not code.strip():
        raise Refused(_("These readings have no name. Set the control's name on the analyzer."))
    if lot.ended_at is not None:
        words = _("This lot has ended. Choose one that is in use.")
        raise Refused(words, fields={"lot": words})
    taken = ControlLot.objects.filter(laboratory_id=lot.laboratory_id, ended_at=None, codes__contains=[code])
    other = taken.exclude(material_id=lot.material_id, level=lot.level).select_related("material").first()
    if other is not None:
        words = _("Analyzers call %(material)s, level %(level)s so. End that lot first.")
        words %= {"material": other.material.name, "level": other.level}
        raise Refused(words, fields={"lot": words})


def _measured(one: _Waiting, lot: ControlLot) -> Measured:
    return Measured(
        analyzer_id=one.analyzer_id,
        test_id=one.test_id,
        lot=lot,
        number=Decimal(one.number) * one.factor,
        unit=one.unit,
        measured_at=one.measured_at or one.received_at,
        reading_id=one.reading_id,
    )

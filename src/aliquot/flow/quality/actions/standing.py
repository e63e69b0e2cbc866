"""The only code that says how a test on an analyzer stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.quality.queries import standing_of
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person says of a test on an analyzer; lots as printed on the package."""

    qc_state: str = ReleaseState.Control.UNKNOWN.value
    reagent_lot: str = ""
    reagent_expires_at: datetime | None = None
    calibrator_lot: str = ""
    calibrated_until: datetime | None = None
    note: str = ""


def change_release_states(
    analyzer: Analyzer, tests: Sequence[Test], change: Standing, *, by: Actor, at: datetime
) -> list[ReleaseState]:
    """How these tests stand from `at` on: what `change` leaves empty stays as it is known; all or none.

    The note says why and is needed. For "all tests" pass every test that is mapped on the analyzer.
    """
    if not change.note.strip():
        words = _("Say why: it is kept with the state.")
        raise Refused(words, fields={"note": words})
    if not tests:
        raise Refused(_("No test of the catalogue is mapped on this analyzer."))
    with transaction.atomic():
        known = standing_of(analyzer.pk)
        return [
            set_release_state(analyzer, one, _changed(known.get(one.pk), change), by=by, at=at)
            for one in tests
        ]


def _changed(known: ReleaseState | None, change: Standing) -> Standing:
    """What is known, with what is said now over it."""
    if known is None:
        return change
    is_said = change.qc_state != ReleaseState.Control.UNKNOWN
    return Standing(
        qc_state=change.qc_state if is_said else known.qc_state,
        reagent_lot=change.reagent_lot or known.reagent_lot,
        reagent_expires_at=change.reagent_expires_at or known.reagent_expires_at,
        calibrator_lot=change.calibrator_lot or known.calibrator_lot,
        calibrated_until=change.calibrated_until or known.calibrated_until,
        note=change.note,
    )


def set_release_state(
    analyzer: Analyzer, test: Test, standing: Standing, *, by: Actor, at: datetime
) -> ReleaseState:
    """How this test stands on this analyzer from `at` on; what was before stays with its end.

    Refused when the newest state began later. Source: ISO 15189:2022, 7.3.7.2; 6.6.7 (reagents: records).
    """
    by.require("run_control")
    if analyzer.laboratory_id not in by.sites:
        raise Forbidden(_("This analyzer belongs to another laboratory."))
    with transaction.atomic():
        now = ReleaseState.objects.select_for_update().filter(analyzer=analyzer, test=test, until=None)
        current = now.first()
        if current is not None and current.since >= at:
            raise Refused(_("A newer state is already known. Reload the page."))
        now.update(until=at)
        return ReleaseState.objects.create(
            laboratory_id=analyzer.laboratory_id,
            analyzer=analyzer,
            test=test,
            since=at,
            qc_state=standing.qc_state,
            calibrated_until=standing.calibrated_until,
            calibrator_lot=standing.calibrator_lot.strip(),
            reagent_lot=standing.reagent_lot.strip(),
            reagent_expires_at=standing.reagent_expires_at,
            note=standing.note.strip(),
            by=by.key,
        )

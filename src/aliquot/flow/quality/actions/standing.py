"""The only code that says how a test on an analyzer stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import (
    ControlCount,
    ControlPlan,
    ControlRun,
    ControlViolation,
    MonitorAlarm,
    ReleaseState,
)
from aliquot.flow.quality.queries.control import open_plan, open_rejections
from aliquot.flow.quality.queries.standing import standing_of
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test

SQL = Path(__file__).parent.parent / "sql"
IN_CONTROL = ReleaseState.Control.IN_CONTROL.value
OUT_OF_CONTROL = ReleaseState.Control.OUT_OF_CONTROL.value
UNKNOWN = ReleaseState.Control.UNKNOWN.value


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person says of a test on an analyzer; lots as printed on the package."""

    qc_state: str = UNKNOWN
    reagent_lot: str = ""
    reagent_expires_at: datetime | None = None
    calibrator_lot: str = ""
    calibrated_until: datetime | None = None
    is_planned: bool = False
    is_by_rule: bool = False
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
        if change.qc_state == IN_CONTROL:
            _refuse_what_is_open(analyzer, tests)
            counts = ControlCount.objects.filter(plan__analyzer=analyzer, plan__test__in=tests)
            counts.filter(plan__until=None).update(results=0)  # their word holds for as many as a run does
        return [
            set_release_state(analyzer, one, _changed(known.get(one.pk), change), by=by, at=at)
            for one in tests
        ]


def _refuse_what_is_open(analyzer: Analyzer, tests: Sequence[Test]) -> None:
    """A broken rule is answered where it stands, with its cause, and not talked away."""
    for one in tests:
        if open_rejections(analyzer.pk, one.pk).exists() or open_alarms(analyzer.pk, one.pk).exists():
            words = _(
                "%(test)s is stopped by a control rule: say the cause and what was done, under Quality."
            )
            raise Refused(words % {"test": one.code})


def _changed(known: ReleaseState | None, change: Standing) -> Standing:
    """What is known, with what is said now over it."""
    if known is None:
        return change
    is_said = change.qc_state != UNKNOWN
    return Standing(
        qc_state=change.qc_state if is_said else known.qc_state,
        reagent_lot=change.reagent_lot or known.reagent_lot,
        reagent_expires_at=change.reagent_expires_at or known.reagent_expires_at,
        calibrator_lot=change.calibrator_lot or known.calibrator_lot,
        calibrated_until=change.calibrated_until or known.calibrated_until,
        is_planned=known.is_planned,
        is_by_rule=known.is_by_rule and not is_said,
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
            is_planned=standing.is_planned,
            is_by_rule=standing.is_by_rule,
            note=standing.note.strip(),
            by=by.key,
        )


def settle_standing(analyzer_id: int, test_id: int, *, by: Actor, at: datetime) -> ReleaseState | None:
    """The release state that runs, open rejections and alarms of patient-based control give; None: as it was.

    Out of control while anything open stops the test; in control with a good complete run that is not
    overdue; not known otherwise. What a person took out of control a person brings back; a person's word that
    it is in control holds as long as a run does, and while targets are being established until another word.
    Source: ISO 15189:2022, 7.3.7.2.
    """
    now = ReleaseState.objects.select_for_update().filter(
        analyzer_id=analyzer_id, test_id=test_id, until=None
    )
    current = now.first()
    plan = open_plan(analyzer_id, test_id)
    found, note = _found(analyzer_id, test_id, plan, current, at)
    if _is_of_a_person(current, found) or (plan is None and found == UNKNOWN and not _is_by_rule(current)):
        found = None
    state = found or (current.qc_state if current else UNKNOWN)
    before = (current.qc_state, current.is_planned) if current else (UNKNOWN, False)
    if (state, plan is not None) == before:
        return None
    return _begin(analyzer_id, test_id, state, current, note=note, is_planned=plan is not None, by=by, at=at)


def mark_due_controls(*, limit: int, by: Actor, at: datetime) -> int:
    """Tests that stood in control until their next run was due, and it has not come: not known; how many."""
    by.require("run_control")
    with transaction.atomic():
        due = sql_files.fetch_rows(SQL, "overdue_controls", at=at, limit=limit)
        changed = [settle_standing(analyzer, test, by=by, at=at) for analyzer, test in due]
        return len([one for one in changed if one is not None])


def open_alarms(analyzer_id: int, test_id: int) -> QuerySet[MonitorAlarm]:
    """Alarms of patient-based control that stop this test on this analyzer."""
    return MonitorAlarm.objects.filter(
        analyzer_id=analyzer_id, test_id=test_id, closed_at=None, blocks=True
    ).order_by("id")


def _is_of_a_person(current: ReleaseState | None, found: str | None) -> bool:
    return (
        current is not None
        and not current.is_by_rule
        and current.qc_state == OUT_OF_CONTROL
        and found != OUT_OF_CONTROL
    )


def _is_by_rule(current: ReleaseState | None) -> bool:
    return current is not None and current.is_by_rule


def _found(
    analyzer_id: int, test_id: int, plan: ControlPlan | None, current: ReleaseState | None, at: datetime
) -> tuple[str | None, str]:
    """What control says, with the rule; None: it says nothing, because there is no plan or no target yet.

    A run without targets says nothing: the run before it goes on counting until the next one is due, unless
    a person said how the test stands meanwhile. After a rejection only a newer good run counts, however the
    rejected values are looked at since.
    """
    if broken := open_rejections(analyzer_id, test_id).select_related("run").first():
        return OUT_OF_CONTROL, f"{broken.rule}, {broken.run.number}"
    if alarm := open_alarms(analyzer_id, test_id).select_related("monitor").first():
        return OUT_OF_CONTROL, alarm.monitor.procedure
    if plan is None:
        return UNKNOWN, ""
    runs = ControlRun.objects.filter(analyzer_id=analyzer_id, test_id=test_id, is_complete=True)
    last = runs.order_by("-number").first()
    if last is not None and last.verdict == ControlRun.Verdict.ESTABLISHING and _is_by_rule(current):
        last = runs.exclude(verdict=ControlRun.Verdict.ESTABLISHING).order_by("-number").first()
    if last is None or last.verdict == ControlRun.Verdict.ESTABLISHING:
        return None, ""
    rejected = ControlViolation.objects.filter(analyzer_id=analyzer_id, test_id=test_id, is_rejection=True)
    if last.verdict == ControlRun.Verdict.REJECTED or rejected.filter(run__number__gt=last.number).exists():
        return OUT_OF_CONTROL, str(last.number)
    known_at = max(last.began_at, _word_of(current) or last.began_at)
    return (UNKNOWN, "") if _is_overdue(plan, known_at, at) else (IN_CONTROL, str(last.number))


def _word_of(current: ReleaseState | None) -> datetime | None:
    """When a person said that the test is in control, if that is how it stands."""
    is_word = current is not None and current.qc_state == IN_CONTROL and not current.is_by_rule
    return current.since if current is not None and is_word else None


def _is_overdue(plan: ControlPlan, known_at: datetime, at: datetime) -> bool:
    """Whether the next run should have been: by the clock, or by the patient results since."""
    if plan.every_minutes and known_at + timedelta(minutes=plan.every_minutes) < at:
        return True
    counted = ControlCount.objects.filter(plan=plan, results__gte=plan.every_results or 0)
    return plan.every_results is not None and counted.exists()


def _begin(
    analyzer_id: int,
    test_id: int,
    state: str,
    current: ReleaseState | None,
    *,
    note: str,
    is_planned: bool,
    by: Actor,
    at: datetime,
) -> ReleaseState:
    since = max(at, current.since + timedelta(microseconds=1)) if current else at
    if current:
        current.until = since
        current.save(update_fields=["until"])
    return ReleaseState.objects.create(
        laboratory_id=Analyzer.objects.values_list("laboratory_id", flat=True).get(pk=analyzer_id),
        analyzer_id=analyzer_id,
        test_id=test_id,
        since=since,
        qc_state=state,
        calibrated_until=current.calibrated_until if current else None,
        calibrator_lot=current.calibrator_lot if current else "",
        reagent_lot=current.reagent_lot if current else "",
        reagent_expires_at=current.reagent_expires_at if current else None,
        is_planned=is_planned,
        is_by_rule=True,
        note=note,
        by=by.key,
    )

"""The only code that says how a test on an analyzer stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet
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
GOOD = (ControlRun.Verdict.ACCEPTED, ControlRun.Verdict.WARNING)


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
    said_at: datetime | None = None
    note: str = ""


def hold_standing(pairs: Iterable[tuple[int, int]]) -> None:
    """Let nobody else say how these tests (analyzer, test) stand until this transaction ends.

    Whoever files controls, answers or says a state holds its pairs first, all at once and in one order,
    before any row; who counts results of patients holds rows and never waits here: so no circle of waiting.
    """
    if ordered := sorted(set(pairs)):
        analyzers, tests = zip(*ordered, strict=True)
        sql_files.fetch_rows(SQL, "hold_control", analyzers=list(analyzers), tests=list(tests))


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
        hold_standing((analyzer.pk, one.pk) for one in tests)
        known = standing_of(analyzer.pk)
        if change.qc_state == IN_CONTROL:
            _refuse_what_is_open(analyzer, tests)
        changed = [
            set_release_state(analyzer, one, _changed(known.get(one.pk), change), by=by, at=at)
            for one in tests
        ]
        if change.qc_state == IN_CONTROL:
            _count_anew(analyzer, tests)
        return changed


def _count_anew(analyzer: Analyzer, tests: Sequence[Test]) -> None:
    """A person's word holds for as many patients as a run does; counts are held in their one order."""
    counts = ControlCount.objects.filter(plan__analyzer=analyzer, plan__test__in=tests, plan__until=None)
    held = counts.select_for_update(of=("self",), no_key=True).order_by("plan_id")
    ControlCount.objects.filter(pk__in=[one.pk for one in held]).update(results=0)


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
        said_at=None if is_said else known.said_at,
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
        hold_standing([(analyzer.pk, test.pk)])
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
            said_at=None if standing.is_by_rule else standing.said_at or at,
            note=standing.note.strip(),
            by=by.key,
        )


def settle_standing(analyzer_id: int, test_id: int, *, by: Actor, at: datetime) -> ReleaseState | None:
    """The release state that runs, open rejections and alarms of patient-based control give; None: as it was.

    Out of control while anything open stops the test; in control with a good complete run that is not
    overdue; not known otherwise. What a person took out of control a person brings back; a person's word that
    it is in control holds as long as a run does, and goes on with each run while targets are established.
    Source: ISO 15189:2022, 7.3.7.2.
    """
    hold_standing([(analyzer_id, test_id)])
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
    kept = current if found is None else None
    change = Standing(
        qc_state=state,
        is_planned=plan is not None,
        is_by_rule=kept is None or kept.is_by_rule,
        said_at=kept.said_at or kept.since if kept is not None and not kept.is_by_rule else None,
        note=kept.note if kept is not None else note,
    )
    return _begin(analyzer_id, test_id, change, current, by=by, at=at)


def mark_due_controls(*, limit: int, by: Actor, at: datetime) -> int:
    """Tests that stood in control until their next run was due, and it has not come: not known; how many."""
    by.require("run_control")
    with transaction.atomic():
        due = sql_files.fetch_rows(SQL, "overdue_controls", at=at, limit=limit)
        return settle_alarms(beside=[(analyzer, test) for analyzer, test in due], by=by, at=at) + len(
            [one for pair in due if (one := settle_standing(*pair, by=by, at=at)) is not None]
        )


def settle_alarms(*, beside: Iterable[tuple[int, int]] = (), by: Actor, at: datetime) -> int:
    """Stop tests with an open alarm that do not stand out of control yet; how many. Holds `beside`, too.

    An alarm stops its test at once, unless somebody files a control of it just then: so every batch begins
    here, and what that batch would have released waits.
    """
    alarmed = sql_files.fetch_rows(SQL, "unheeded_alarms")
    hold_standing([*beside, *((analyzer, test) for analyzer, test in alarmed)])
    changed = [settle_standing(analyzer, test, by=by, at=at) for analyzer, test in alarmed]
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
    a person said how the test stands meanwhile; nor does one from before the plan, whose rules it never met.
    After a rejection only a run measured later counts, however the rejected values are looked at since.
    """
    if broken := open_rejections(analyzer_id, test_id).select_related("run").first():
        return OUT_OF_CONTROL, f"{broken.rule}, {broken.run.number}"
    if alarm := open_alarms(analyzer_id, test_id).select_related("monitor").first():
        return OUT_OF_CONTROL, alarm.monitor.procedure
    if plan is None:
        return UNKNOWN, ""
    runs = ControlRun.objects.filter(analyzer_id=analyzer_id, test_id=test_id, is_complete=True)
    runs = runs.order_by("-began_at", "-number")
    last = runs.first()
    if last is not None and last.verdict == ControlRun.Verdict.ESTABLISHING and _is_by_rule(current):
        last = runs.exclude(verdict=ControlRun.Verdict.ESTABLISHING).first()
    if last is None or last.verdict == ControlRun.Verdict.ESTABLISHING or not _was_planned(last):
        return (UNKNOWN if _is_unproven(plan, last, current, at) else None), ""
    if last.verdict == ControlRun.Verdict.REJECTED or _is_rejected_since(last):
        return OUT_OF_CONTROL, str(last.number)
    return (UNKNOWN, "") if _is_overdue(plan, last, current, at) else (IN_CONTROL, str(last.number))


def _was_planned(run: ControlRun) -> bool:
    """Whether a plan was in force when this run was measured: without one nothing was held against it."""
    in_force = Q(until=None) | Q(until__gt=run.began_at)
    plans = ControlPlan.objects.filter(in_force, analyzer_id=run.analyzer_id, test_id=run.test_id)
    return plans.filter(since__lte=run.began_at).exists()


def _is_rejected_since(run: ControlRun) -> bool:
    """Whether this run, as it was first judged, or one measured later broke a rule that rejects."""
    found = ControlViolation.objects.filter(
        analyzer_id=run.analyzer_id, test_id=run.test_id, is_rejection=True, run__began_at__gte=run.began_at
    )
    return found.exists()


def _is_unproven(
    plan: ControlPlan, last: ControlRun | None, current: ReleaseState | None, at: datetime
) -> bool:
    """Whether a test stands in control without a good run, and no person's word holds any more."""
    if current is None or current.qc_state != IN_CONTROL:
        return False
    return _word_of(current) is None or _is_overdue(plan, last, current, at)


def _word_of(current: ReleaseState | None) -> datetime | None:
    """When a person said that the test is in control, if that is how it stands."""
    is_word = current is not None and current.qc_state == IN_CONTROL and not current.is_by_rule
    return (current.said_at or current.since) if current is not None and is_word else None


def _is_overdue(
    plan: ControlPlan, last: ControlRun | None, current: ReleaseState | None, at: datetime
) -> bool:
    """Whether a run is due since the last one or word: by the clock, or by the patient results."""
    moments = (last.began_at if last is not None else None, _word_of(current))
    known_at = max((one for one in moments if one is not None), default=at)
    if plan.every_minutes and known_at + timedelta(minutes=plan.every_minutes) < at:
        return True
    if plan.every_results is None:
        return False
    counted = ControlCount.objects.filter(plan=plan, results__gte=plan.every_results)
    if last is not None and last.verdict in GOOD:
        counted = counted.filter(run_id__gte=last.pk)  # what was counted before this run counts no longer
    return counted.exists()


def _begin(
    analyzer_id: int,
    test_id: int,
    change: Standing,
    current: ReleaseState | None,
    *,
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
        qc_state=change.qc_state,
        calibrated_until=current.calibrated_until if current else None,
        calibrator_lot=current.calibrator_lot if current else "",
        reagent_lot=current.reagent_lot if current else "",
        reagent_expires_at=current.reagent_expires_at if current else None,
        is_planned=change.is_planned,
        is_by_rule=change.is_by_rule,
        said_at=change.said_at,
        note=change.note,
        by=by.key,
    )

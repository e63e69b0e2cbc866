"""Controls become runs, runs are judged, and what a run says stops or resumes the release."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import repeat

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions import ControlReading
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions.standing import GOOD, hold_standing, settle_alarms, settle_standing
from aliquot.flow.quality.models import (
    ControlLot,
    ControlPlan,
    ControlResult,
    ControlRun,
    ControlTarget,
    ControlViolation,
)
from aliquot.flow.quality.queries.control import lot_of, open_plan, results_before, target_at
from aliquot.flow.quality.queries.standing import standing_lately
from aliquot.flow.quality.rules.westgard.evaluation import (
    Judgement,
    Point,
    Severity,
    Verdict,
    Violation,
    judge_run,
    standardised,
)
from aliquot.flow.quality.rules.westgard.sets import RuleSet, rule_set
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.models import Test

GROUPED_WITHOUT_PLAN = timedelta(minutes=60)
VALUE_DIGITS, Z_DIGITS = Decimal("0.000001"), Decimal("0.0000000001")
VALUE_LIMIT, Z_LIMIT = Decimal(10) ** 12, Decimal(10) ** 9  # of the columns


@dataclass(frozen=True, slots=True)
class Measured:
    """A control value on its way, in the test's unit; without a reading a person says it."""

    analyzer_id: int
    test_id: int
    lot: ControlLot
    number: Decimal
    unit: str
    measured_at: datetime
    reading_id: int | None = None


def file_controls(readings: Iterable[ControlReading], *, by: Actor, at: datetime) -> list[ControlResult]:
    """Control results of readings whose lot and test are known here, judged at once; the rest stay readings.

    What an analyzer repeats with the same time and value is kept once. Alarms that wait are heeded first.
    """
    found = [one for one in map(_measured, readings, repeat(at)) if one is not None]
    settle_alarms(beside=_pairs(found), by=by, at=at)
    return _file_all(found, by=by, at=at)


def file_waiting(found: Iterable[Measured], *, by: Actor, at: datetime) -> int:
    """File values that waited for their lot, each in the run of its time; how many were filed."""
    storable = [
        replace(one, number=one.number.quantize(VALUE_DIGITS)) for one in found if _is_storable(one.number)
    ]
    return len(_file_all(storable, by=by, at=at))


def _file_all(found: Sequence[Measured], *, by: Actor, at: datetime) -> list[ControlResult]:
    hold_standing(_pairs(found))
    ordered = sorted(found, key=lambda one: one.measured_at)
    filed = [file_control(one, by=by, at=at) for one in ordered]
    return [one for one in filed if one is not None]


def _pairs(found: Iterable[Measured]) -> list[tuple[int, int]]:
    return [(one.analyzer_id, one.test_id) for one in found]


def _measured(one: ControlReading, at: datetime) -> Measured | None:
    """The reading with its lot; None where the lot or test is not known, or the value is no number."""
    moment = one.measured_at or at
    if one.test_id is None or one.number is None or not _is_storable(one.number):
        return None
    lot = lot_of(one.laboratory_id, one.code, moment)
    number = one.number.quantize(VALUE_DIGITS)
    if lot is None:
        return None
    return Measured(one.analyzer_id, one.test_id, lot, number, one.unit, moment, one.reading_id)


def enter_control(
    analyzer: Analyzer,
    test: Test,
    lot: ControlLot,
    number: Decimal,
    *,
    measured_at: datetime,
    by: Actor,
    at: datetime,
) -> ControlResult:
    """A control value said by a person, for an analyzer without a line. Refused when it is there already."""
    by.require("run_control")
    if analyzer.laboratory_id not in by.sites:
        raise Forbidden(_("This analyzer belongs to another laboratory."))
    if not _is_storable(number):
        words = _("This is no value: write a number below 1 000 000 000 000.")
        raise Refused(words, fields={"value": words})
    if measured_at > at:
        words = _("This time is still to come. Say when the control was measured.")
        raise Refused(words, fields={"measured_at": words})
    measured = Measured(analyzer.pk, test.pk, lot, number.quantize(VALUE_DIGITS), test.unit, measured_at)
    filed = file_control(measured, by=by, at=at)
    if filed is None:
        raise Refused(_("This control with the same value and time is already kept."))
    return filed


def file_control(one: Measured, *, by: Actor, at: datetime) -> ControlResult | None:
    """Keep one control value in its run, judge the run, settle how the test stands; None if it is there."""
    by.require("run_control")
    with transaction.atomic():
        hold_standing(_pairs([one]))
        if _is_kept(one):
            return None
        plan = open_plan(one.analyzer_id, one.test_id)
        target = target_at(one.lot.pk, one.analyzer_id, one.test_id, one.measured_at)
        kept = _keep(one, _run_of(one, plan, at), target, by=by, at=at)
        judge_again(kept.run, plan, by=by, at=at)
        return kept


def judge_again(run: ControlRun, plan: ControlPlan | None, *, by: Actor, at: datetime) -> None:
    """Hold all that a run has against the plan's rules; broken ones are kept once, the standing follows.

    A level without a target is not judged, and such a run is never accepted; what its other levels break
    rejects it. The caller holds the standing.
    """
    results = list(run.controlresult_set.select_related("lot", "target").filter(is_counted=True))
    levels = plan.levels if plan else len(results)
    run.is_complete = len({one.lot.level for one in results}) >= levels
    judged = [one for one in results if one.z is not None]
    run.verdict = ControlRun.Verdict.ESTABLISHING
    if judged:
        judgement, points = _judged(run, judged, plan, levels)
        _keep_violations(run, judgement.violations, points, at=at)
        if len(judged) == len(results) or judgement.verdict is Verdict.REJECTED:
            run.verdict = ControlRun.Verdict(judgement.verdict.value)
    run.save(update_fields=["verdict", "is_complete"])
    settle_standing(run.analyzer_id, run.test_id, by=by, at=at)


def rules_of(plan: ControlPlan | None) -> RuleSet:
    """The rules of a plan; without one only 1-3s warns, and nothing is stopped."""
    return rule_set(plan.rules, plan.warnings) if plan else rule_set((), ("1-3s",))


def _is_storable(number: Decimal) -> bool:
    """A number that the column takes; another stays a reading that a person is shown."""
    return number.is_finite() and abs(number) < VALUE_LIMIT


def _is_kept(one: Measured) -> bool:
    same = ControlResult.objects.filter(analyzer_id=one.analyzer_id, test_id=one.test_id)
    if one.reading_id is not None and same.filter(reading_id=one.reading_id).exists():
        return True
    return same.filter(lot=one.lot, measured_at=one.measured_at, value=one.number).exists()


def _run_of(one: Measured, plan: ControlPlan | None, at: datetime) -> ControlRun:
    """The run this value belongs to: the newest while it is young and lacks this level, or the next.

    A value that comes late belongs to the run of its time, where that lacks its level. Two lots of a material
    are measured side by side in runs of their own. A clock that goes before ours makes no run of tomorrow.
    """
    moment = min(one.measured_at, at)
    together = timedelta(minutes=plan.run_minutes) if plan else GROUPED_WITHOUT_PLAN
    runs = ControlRun.objects.filter(analyzer_id=one.analyzer_id, test_id=one.test_id)
    near = (
        runs.exclude(controlresult__lot__in=_lots_beside(one.lot))
        .filter(began_at__gte=moment - together)
        .order_by("-began_at", "-number")
    )
    newest = near.first()
    if newest is not None and moment < newest.began_at:
        lacking = near.filter(began_at__lt=moment + together).exclude(controlresult__lot__level=one.lot.level)
        newest = min(lacking, key=lambda run: abs(run.began_at - moment), default=None)
    if newest is not None and not newest.controlresult_set.filter(lot__level=one.lot.level).exists():
        return newest
    return ControlRun.objects.create(
        laboratory_id=one.lot.laboratory_id,
        analyzer_id=one.analyzer_id,
        test_id=one.test_id,
        number=1 + (runs.aggregate(most=Max("number"))["most"] or 0),
        began_at=moment,
        verdict=ControlRun.Verdict.ESTABLISHING,
    )


def _lots_beside(lot: ControlLot) -> QuerySet[ControlLot]:
    """Levels of the material's other lots that have this level as well, as far as this lot has them."""
    lots = ControlLot.objects.filter(material_id=lot.material_id)
    own = lots.filter(number=lot.number).values("level")
    others = lots.filter(level=lot.level).exclude(number=lot.number).values("number")
    return lots.filter(level__in=own, number__in=others)


def _keep(
    one: Measured, run: ControlRun, target: ControlTarget | None, *, by: Actor, at: datetime
) -> ControlResult:
    stood = standing_lately(one.analyzer_id, one.test_id, limit=1)
    z = _z(one.number, target) if target else None
    return ControlResult.objects.create(
        laboratory_id=run.laboratory_id,
        analyzer_id=one.analyzer_id,
        test_id=one.test_id,
        run=run,
        lot=one.lot,
        target=target,
        reading_id=one.reading_id,
        value=one.number,
        unit=one.unit,
        z=z,
        measured_at=one.measured_at,
        recorded_at=at,
        reagent_lot=stood[0].reagent_lot if stood else "",
        calibrator_lot=stood[0].calibrator_lot if stood else "",
        by=by.key,
    )


def _z(number: Decimal, target: ControlTarget) -> Decimal:
    """Cut where the column ends: as far out, every rule has long been broken."""
    z = standardised(number, target.mean, target.sd)
    return max(-Z_LIMIT, min(Z_LIMIT, z)).quantize(Z_DIGITS)


def _judged(
    run: ControlRun, results: Sequence[ControlResult], plan: ControlPlan | None, levels: int
) -> tuple[Judgement, dict[Point, int]]:
    """What the rules say of this run after the runs before it; with the result that each point stands for."""
    rules = rules_of(plan)
    earlier = results_before(run, depth=max(rules.depth, 1))
    now = {one.lot.level: one for one in results}
    before = [one for one in earlier if _is_one_series(one, now.get(one.lot.level))]
    points = {_point(one): one.pk for one in (*before, *results)}
    own = sorted((_point(one) for one in results), key=lambda one: one.level)
    return judge_run(rules, run.number, own, levels, [_point(one) for one in before]), points


def _is_one_series(before: ControlResult, now: ControlResult | None) -> bool:
    """Whether a value of an earlier run goes on counting: a new lot or a new target begins another series."""
    if now is None:
        return True
    is_renewed = now.target is not None and now.target.is_floating
    return before.lot_id == now.lot_id and (before.target_id == now.target_id or is_renewed)


def _point(one: ControlResult) -> Point:
    assert one.z is not None
    return Point(one.run.number, one.lot.level, one.z)


def _keep_violations(
    run: ControlRun, found: Sequence[Violation], points: dict[Point, int], *, at: datetime
) -> None:
    new = [one for one in found if not _is_known(run, one, points)]
    if not new:
        return
    since = _last_good(run)
    kept = ControlViolation.objects.bulk_create(
        ControlViolation(
            laboratory_id=run.laboratory_id,
            analyzer_id=run.analyzer_id,
            test_id=run.test_id,
            run=run,
            rule=one.rule,
            variant=one.variant.value,
            error=one.error.value,
            is_rejection=one.severity is Severity.REJECTION,
            points=[points[point] for point in one.points],
            found_at=at,
            doubtful_since=since,
        )
        for one in new
    )
    record_events("control_rejected", [one.pk for one in kept if one.is_rejection], at=at)


def _last_good(run: ControlRun) -> datetime | None:
    """When the newest good run before this one was measured."""
    before = Q(began_at__lt=run.began_at) | Q(began_at=run.began_at, number__lt=run.number)
    good = ControlRun.objects.filter(before, analyzer_id=run.analyzer_id, test_id=run.test_id)
    good = good.filter(verdict__in=GOOD, is_complete=True).order_by("-began_at", "-number")
    return good.values_list("began_at", flat=True).first()


def _is_known(run: ControlRun, one: Violation, points: dict[Point, int]) -> bool:
    return ControlViolation.objects.filter(
        run=run, rule=one.rule, variant=one.variant.value, points=[points[point] for point in one.points]
    ).exists()

"""Patient-based control in the path of the results: monitors move with every batch, alarms stop a test."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.quality.actions.standing import hold_standing, settle_standing
from aliquot.flow.quality.models import MonitorAlarm, MonitorPoint, MonitorState, PatientMonitor
from aliquot.flow.quality.rules.moving.inclusion import Patient, counts
from aliquot.flow.quality.rules.moving.live import advance
from aliquot.flow.quality.rules.moving.monitors import Alarm, Monitor, State, from_floats, from_json
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.quick import quickly_made

SQL = Path(__file__).parent.parent / "sql"


@quickly_made
@dataclass(frozen=True, slots=True)
class Watched:
    """A first measurement of a patient's test: its value in the test's unit, whose it is, and when it was."""

    analyzer_id: int
    test_id: int
    value: float
    patient: Patient
    measured_at: datetime | None


@dataclass(frozen=True, slots=True)
class _InUse:
    """What a monitor is, as long as it is in use."""

    id: int
    laboratory_id: int
    analyzer_id: int
    test_id: int
    settings: str
    inclusion: str
    blocks: bool
    how: Monitor = field(init=False)
    who: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "how", from_json(orjson.loads(self.settings)))
        object.__setattr__(self, "who", orjson.loads(self.inclusion))


@dataclass(frozen=True, slots=True)
class _Claimed:
    id: int
    analyzer_id: int
    test_id: int
    approved_at: datetime
    values: Sequence[float]
    counted: int
    is_alarmed: bool


@dataclass(frozen=True, slots=True)
class _Moved:
    """A monitor before and after a batch."""

    monitor: _InUse
    before: _Claimed
    state: State
    alarms: Sequence[Alarm]
    first_at: datetime | None

    @property
    def counted(self) -> int:
        """Results since the monitor was switched on; its own count begins anew after an alarm."""
        return self.before.counted + self.state.taken - _taken(self.before.values)


_in_use: dict[tuple[int, datetime], _InUse] = {}
"""What monitors are that this process has moved, by number and signature."""
MOST_IN_USE = 20_000


def watch_results(results: Sequence[Watched], *, by: Actor, at: datetime) -> int:
    """Move every monitor over the tests of these results, in their order; how many monitors there were.

    A constant number of statements, in the caller's transaction, which should end soon: whoever measures the
    same test on the same analyzer waits here. A new alarm stops its test from the next batch on. Rows are
    held in one order, and who files controls is not waited for: see `hold_standing`.
    """
    by_pair: dict[tuple[int, int], list[Watched]] = defaultdict(list)
    for one in results:
        by_pair[one.analyzer_id, one.test_id].append(one)
    if not by_pair:
        return 0
    _count({pair: len(found) for pair, found in by_pair.items()}, by=by, at=at)
    analyzers, tests = zip(*by_pair, strict=True)
    claimed = sql_files.fetch(_Claimed, SQL, "claim_monitors", analyzers=list(analyzers), tests=list(tests))
    _learn(claimed)
    moved = [_move(one, by_pair[one.analyzer_id, one.test_id]) for one in claimed]
    if moved:
        sql_files.execute(
            SQL, "move_monitors", rows=orjson.dumps([_row(one) for one in moved]).decode(), at=at
        )
        _keep_points(moved, at)
        for after in moved:
            if after.alarms:
                _raise_alarm(after, by=by, at=at)
    return len(moved)


def close_alarm(alarm: MonitorAlarm, *, cause: str, action: str, by: Actor, at: datetime) -> MonitorAlarm:
    """Record what was found and done; the monitor begins with an empty window, the release goes on.

    Source: ISO 15189:2022, 7.3.7.2 and 7.5.
    """
    by.require("run_control")
    if alarm.laboratory_id not in by.sites:
        raise Forbidden(_("This control belongs to another laboratory."))
    missing = {
        "cause": "" if cause in MonitorAlarm.Cause.values else _("Choose what was found."),
        "action": "" if action.strip() else _("Say what was done: it is kept with the run."),
    }
    if fields := {name: words for name, words in missing.items() if words}:
        raise Refused(" ".join(fields.values()), fields=fields)
    with transaction.atomic():
        hold_standing([(alarm.analyzer_id, alarm.test_id)])
        found = MonitorAlarm.objects.select_for_update().get(pk=alarm.pk)
        if found.closed_at is not None:
            raise Refused(_("Somebody has answered this already. Reload the page."))
        found.cause, found.action = cause, action.strip()
        found.closed_at, found.closed_by = at, by.key
        found.save(update_fields=["cause", "action", "closed_at", "closed_by"])
        MonitorState.objects.filter(monitor_id=found.monitor_id).update(
            values=[], statistic=None, is_alarmed=False, in_limits_at=at, changed_at=at
        )
        settle_standing(found.analyzer_id, found.test_id, by=by, at=at)
        return found


def activate_monitor(
    monitor: PatientMonitor, *, despite: str = "", blocks: bool | None = None, by: Actor, at: datetime
) -> PatientMonitor:
    """Switch a designed monitor on, signed by this person; one of the same procedure is switched off.

    Refused without a design: what it finds and how often it is wrong is known before it stops anything. One
    that falls short of what was asked needs a reason `despite`; who, when and why are kept in the record.
    `blocks`: whether an alarm holds results, as drafted where None.
    Source: IFCC, Loh et al., CCLM 2020 (cclm-2019-1024): verification before use.
    """
    _check(monitor, by)
    if not monitor.design:
        raise Refused(_("Design this monitor on your own results first: nobody knows yet what it finds."))
    if monitor.design.get("shortfalls") and not despite.strip():
        words = _("This monitor falls short of what was asked: say why it is used all the same.")
        raise Refused(words, fields={"despite": words})
    from_json(monitor.settings)
    with transaction.atomic():
        found = PatientMonitor.objects.select_for_update().get(pk=monitor.pk)
        if found.state != PatientMonitor.State.DRAFT:
            raise Refused(_("This monitor was signed already. Reload the page."))
        same = PatientMonitor.objects.filter(
            analyzer_id=found.analyzer_id, test_id=found.test_id, procedure=found.procedure, state="active"
        )
        for other in same:
            retire_monitor(other, by=by, at=at)
        found.state, found.approved_at, found.approved_by = PatientMonitor.State.ACTIVE, at, by.key
        found.design |= {"signed_by": by.key, "signed_at": at.isoformat(), "despite": despite.strip()}
        found.blocks = found.blocks if blocks is None else blocks
        found.save(update_fields=["state", "approved_at", "approved_by", "design", "blocks"])
        MonitorState.objects.create(
            monitor=found, laboratory_id=found.laboratory_id, in_limits_at=at, changed_at=at
        )
        return found


def retire_monitor(monitor: PatientMonitor, *, by: Actor, at: datetime) -> PatientMonitor:
    """Switch a monitor off; its points and alarms stay. An open alarm has to be answered first."""
    _check(monitor, by)
    if MonitorAlarm.objects.filter(monitor=monitor, closed_at=None).exists():
        raise Refused(_("Answer the alarm of this monitor first."))
    monitor.state, monitor.retired_at, monitor.retired_by = PatientMonitor.State.RETIRED, at, by.key
    monitor.save(update_fields=["state", "retired_at", "retired_by"])
    return monitor


def _check(monitor: PatientMonitor, by: Actor) -> None:
    by.require("manage_quality")
    if monitor.laboratory_id not in by.sites:
        raise Forbidden(_("This belongs to another laboratory."))


def _count(counts_of: Mapping[tuple[int, int], int], *, by: Actor, at: datetime) -> None:
    """Control runs that are due after so many results; what is due is no longer known to be in control."""
    analyzers, tests = zip(*counts_of, strict=True)
    counted = sql_files.fetch_rows(
        SQL,
        "count_results",
        analyzers=list(analyzers),
        tests=list(tests),
        counts=list(counts_of.values()),
    )
    for analyzer, test in counted:
        _settle_if_free(analyzer, test, by=by, at=at)


def _settle_if_free(analyzer_id: int, test_id: int, *, by: Actor, at: datetime) -> None:
    """At once, or, while somebody files a control of this test, in the batch that comes next."""
    if sql_files.fetch_rows(SQL, "try_control", analyzer=analyzer_id, test=test_id)[0][0]:
        settle_standing(analyzer_id, test_id, by=by, at=at)


def _learn(claimed: Sequence[_Claimed]) -> None:
    """Read what those monitors are that this process meets for the first time."""
    news = {one.id: one.approved_at for one in claimed if (one.id, one.approved_at) not in _in_use}
    if not news:
        return
    if len(_in_use) + len(news) > MOST_IN_USE:
        _in_use.clear()
        news = {one.id: one.approved_at for one in claimed}
    for one in sql_files.fetch(_InUse, SQL, "monitors_in_use", ids=list(news)):
        _in_use[one.id, news[one.id]] = one


def _move(one: _Claimed, results: Sequence[Watched]) -> _Moved:
    monitor = _in_use[one.id, one.approved_at]
    state = from_floats(monitor.how, one.values) if one.values else State()
    who = monitor.who
    values = [result.value for result in results if not who or counts(who, result.patient)]
    after, alarms = advance(monitor.how, state, values)
    times = [result.measured_at for result in results if result.measured_at is not None]
    return _Moved(monitor, one, after, alarms, min(times, default=None))


def _row(one: _Moved) -> dict[str, Any]:
    level = one.state.level
    return {
        "monitor_id": one.monitor.id,
        "values": f"{{{','.join(map(repr, one.state.as_floats()))}}}",
        "statistic": None if level != level else level,  # noqa: PLR0124 - NaN
        "counted": one.counted,
        "is_alarmed": one.state.outside != 0,
    }


def _taken(values: Sequence[float]) -> int:
    return int(values[1]) if values else 0


def _keep_points(moved: Sequence[_Moved], at: datetime) -> None:
    """A point of the picture at the end of each block, or when something changed: as its batch began."""
    MonitorPoint.objects.bulk_create(
        MonitorPoint(
            monitor_id=one.monitor.id,
            laboratory_id=one.monitor.laboratory_id,
            at=min(at, one.first_at or at),
            statistic=one.state.level,
            counted=one.counted,
        )
        for one in moved
        if one.state.level == one.state.level
        and (one.alarms or one.counted // one.monitor.how.block > one.before.counted // one.monitor.how.block)
    )


def _raise_alarm(one: _Moved, *, by: Actor, at: datetime) -> None:
    if MonitorAlarm.objects.filter(monitor_id=one.monitor.id, closed_at=None).exists():
        return
    first = one.alarms[0]
    kept = MonitorAlarm.objects.create(
        laboratory_id=one.monitor.laboratory_id,
        monitor_id=one.monitor.id,
        analyzer_id=one.monitor.analyzer_id,
        test_id=one.monitor.test_id,
        found_at=at,
        doubtful_since=min(_doubtful_since(one), one.first_at or at),
        statistic=first.statistic,
        is_high=first.is_high,
        blocks=one.monitor.blocks,
    )
    record_events("monitor_alarmed", [kept.pk], at=at)
    _settle_if_free(kept.analyzer_id, kept.test_id, by=by, at=at)


def _doubtful_since(one: _Moved) -> datetime:
    """A block before the statistic left its limits: the results in its window are what made it leave.

    Without so many results it is when the monitor was switched on.
    """
    before = MonitorPoint.objects.filter(monitor_id=one.monitor.id)
    points = before.filter(counted__lte=max(0, one.counted - 2 * one.monitor.how.block)).order_by("-at")
    return points.values_list("at", flat=True).first() or one.before.approved_at

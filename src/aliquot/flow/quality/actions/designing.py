"""Monitors designed on own results: a person asks, a process tries candidates, the best becomes a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import MonitorDesign, PatientMonitor
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.catalogue.models import Test

State = MonitorDesign.State
UNDONE = (State.QUEUED, State.RUNNING)
EVENT = "design_asked"
SILENT = timedelta(minutes=3)
"""A trial that says nothing for so long has ended without a draft."""
FEWEST_DAYS, MOST_DAYS = 7, 366
MOST_ALARMS = 10.0


@dataclass(frozen=True, slots=True)
class DesignAsked:
    """Days of own results to try on, allowable error (share of the value), false alarms a day, who counts.

    `error`: as of MonitorDesign; of imprecision `tea` is the added CV that has to be found.
    """

    days: int
    tea: float
    alarms_per_day: float
    inclusion: Mapping[str, Any] = field(default_factory=dict)
    error: str = MonitorDesign.Error.PROPORTIONAL.value


def ask_design(
    analyzer: Analyzer, test: Test, asked: DesignAsked, *, by: Actor, at: datetime
) -> MonitorDesign:
    """Have a process try monitors on the latest days of this test on this analyzer; records "design_asked".

    Refused for figures out of range and while another trial for the same test on the same analyzer runs.
    """
    _check(analyzer.laboratory_id, by)
    if by.person_id is None:
        raise Forbidden(_("A monitor is designed by a person."))
    if fields := _faults(asked):
        raise Refused(" ".join(fields.values()), fields=fields)
    undone = MonitorDesign.objects.filter(analyzer=analyzer, test=test, state__in=UNDONE)
    if any(not is_silent(one, at) for one in undone):
        raise Refused(_("A monitor of this test on this analyzer is being designed. Wait until it is done."))
    kept = MonitorDesign.objects.create(
        laboratory_id=analyzer.laboratory_id,
        analyzer=analyzer,
        test=test,
        since=at - timedelta(days=asked.days),
        until=at,
        error=asked.error,
        tea=asked.tea,
        alarms_per_day=asked.alarms_per_day,
        inclusion=dict(asked.inclusion),
        person_id=by.person_id,
        asked_at=at,
        asked_by=by.key,
        beat_at=at,
    )
    record_events(EVENT, [kept.pk], at=at)
    return kept


def start_design(design: MonitorDesign, *, by: Actor, at: datetime) -> bool:  # noqa: ARG001 - every action says who
    """Take the trial for this process; whether it was free: asked for, or left by a process that ended."""
    is_left = Q(state=State.RUNNING, beat_at__lt=at - SILENT)
    free = MonitorDesign.objects.filter(Q(state=State.QUEUED) | is_left, pk=design.pk)
    return bool(free.update(state=State.RUNNING, done=0, beat_at=at))


def note_design(design: MonitorDesign, *, done: int, total: int, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Say how many candidates are tried, and that the process is alive."""
    MonitorDesign.objects.filter(pk=design.pk, state=State.RUNNING).update(done=done, total=total, beat_at=at)


def finish_design(
    design: MonitorDesign,
    candidates: Sequence[Mapping[str, Any]],
    failed: Sequence[str],
    *,
    by: Actor,
    at: datetime,
) -> PatientMonitor:
    """The draft of the first candidate; all are kept with the trial: records as JSON, the best first.

    Refused without candidates, and when the trial was ended meanwhile.
    """
    _check(design.laboratory_id, by)
    if not candidates:
        raise Refused(_("No monitor could be tried. Take a longer time, or permit more false alarms."))
    with transaction.atomic():
        draft = _drafted(design, candidates[0], by=by, at=at)
        finished = MonitorDesign.objects.filter(pk=design.pk, state=State.RUNNING).update(
            state=State.FINISHED,
            candidates=list(candidates),
            failed=list(failed),
            done=len(candidates) + len(failed),
            total=len(candidates) + len(failed),
            monitor=draft,
            finished_at=at,
            beat_at=at,
        )
        if not finished:
            raise Refused(_("This was ended meanwhile."))
    return draft


def fail_design(design: MonitorDesign, why: Exception, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Keep why no monitor came of it, in the language that is set."""
    fault = _("The program failed: %(fault)s") % {"fault": f"{type(why).__name__}: {why}"}
    if isinstance(why, Refused):
        fault = why.reason
    MonitorDesign.objects.filter(pk=design.pk, state__in=UNDONE).update(
        state=State.FAILED, fault=fault, finished_at=at
    )


def take_candidate(design: MonitorDesign, place: int, *, by: Actor, at: datetime) -> PatientMonitor:
    """Make the draft of another candidate of this trial, counted from 0; a draft not yet signed gives way."""
    _check(design.laboratory_id, by)
    if design.state != State.FINISHED or not 0 <= place < len(design.candidates):
        raise Refused(_("There is no such candidate. Reload the page."))
    with transaction.atomic():
        found = MonitorDesign.objects.select_for_update(of=("self",)).get(pk=design.pk)
        before = PatientMonitor.objects.filter(designs=found, state=PatientMonitor.State.DRAFT)
        before.update(state=PatientMonitor.State.RETIRED, retired_at=at, retired_by=by.key)
        found.monitor = _drafted(found, found.candidates[place], by=by, at=at)
        found.save(update_fields=["monitor"])
        return found.monitor


def is_silent(design: MonitorDesign, at: datetime) -> bool:
    """Whether a trial that is not done has said nothing for so long that its process must have ended."""
    return design.state in UNDONE and (design.beat_at is None or at - design.beat_at > SILENT)


def _drafted(
    design: MonitorDesign, candidate: Mapping[str, Any], *, by: Actor, at: datetime
) -> PatientMonitor:
    return PatientMonitor.objects.create(
        laboratory_id=design.laboratory_id,
        analyzer_id=design.analyzer_id,
        test_id=design.test_id,
        procedure=candidate["monitor"]["procedure"],
        settings=candidate["monitor"],
        inclusion=design.inclusion,
        design=dict(candidate),
        drafted_at=at,
        drafted_by=by.key,
    )


def _faults(asked: DesignAsked) -> dict[str, str]:
    found = {
        "days": ""
        if FEWEST_DAYS <= asked.days <= MOST_DAYS
        else _("Take from %(least)d to %(most)d days.") % {"least": FEWEST_DAYS, "most": MOST_DAYS},
        "error": "" if asked.error in MonitorDesign.Error.values else _("Choose what has to be found."),
        "tea": "" if 0 < asked.tea < 1 else _("Give an allowable error above 0 % and below 100 %."),
        "alarms_per_day": ""
        if 0 < asked.alarms_per_day <= MOST_ALARMS
        else _("Give a number of false alarms a day above 0, at most 10."),
    }
    return {name: words for name, words in found.items() if words}


def _check(laboratory_id: int, by: Actor) -> None:
    by.require("manage_quality")
    if laboratory_id not in by.sites:
        raise Forbidden(_("This belongs to another laboratory."))

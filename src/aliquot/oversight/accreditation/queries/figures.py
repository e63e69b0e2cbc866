"""What a management review looks at, counted when it is asked for: months beside those before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import ControlRun, ControlViolation, MonitorAlarm
from aliquot.flow.results.models import LookBack
from aliquot.oversight.accreditation.models import ManagementReview, ReviewEntry
from aliquot.oversight.accreditation.rules.reviews import shifted, span_before
from aliquot.oversight.comparability.queries import lines_of
from aliquot.oversight.improvement.models import (
    Audit,
    AuditItem,
    Complaint,
    ImprovementAction,
    ImprovementStep,
    Nonconformity,
    Risk,
)
from aliquot.oversight.improvement.queries import lines_of as open_lines
from aliquot.oversight.improvement.rules.risks import Level
from aliquot.oversight.insight.models import IndicatorMonth
from aliquot.oversight.insight.queries import definitions
from aliquot.oversight.insight.rules.tiers import Tier, judge
from aliquot.oversight.proficiency.models import FailureCase
from aliquot.oversight.studies.models import EvaluationStudy, SupplyRecord
from aliquot.registers.network.models import Site

Counted = tuple[int, int | None]
"""How many, and of how many; None: of nothing in particular."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months of a laboratory's calendar, as days and as moments; the end does not belong to it."""

    since: date
    until: date
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a span, and of the equally many months before; `before` is None for what stands now."""

    kind: str
    now: Counted
    before: Counted | None


def span_of(place: Site, since: date, until: date) -> Span:
    """The months from `since` to before `until`, both first days, by the laboratory's clock."""
    zone, midnight = ZoneInfo(place.time_zone), datetime.min.time()
    begins, ends = (datetime.combine(day, midnight, zone).astimezone(UTC) for day in (since, until))
    return Span(since, until, begins, ends)


def figures_of(place: Site, since: date, until: date, *, at: datetime) -> dict[str, Figure]:
    """Every figure of a review, as far as the reader may see what it counts."""
    span, earlier = span_of(place, since, until), span_of(place, *span_before(since, until))
    spans = {kind: Figure(kind, count(place, span), count(place, earlier)) for kind, count in OF_SPAN.items()}
    return spans | {kind: Figure(kind, count(place, at), None) for kind, count in STANDING.items()}


def _indicators(place: Site, span: Span, *codes: str) -> Counted:
    found = IndicatorMonth.objects.filter(
        laboratory=place, code__in=codes, month__gte=span.since, month__lt=span.until
    ).aggregate(numerator=Sum("numerator"), denominator=Sum("denominator"))
    return found["numerator"] or 0, found["denominator"] or 0


def _share(*codes: str) -> Callable[[Site, Span], Counted]:
    return lambda place, span: _indicators(place, span, *codes)


def _whole(code: str) -> Callable[[Site, Span], Counted]:
    """What an indicator is counted in proportion to."""
    return lambda place, span: (_indicators(place, span, code)[1] or 0, None)


def _low(place: Site, span: Span) -> Counted:
    """Indicators of low performance among those with published tiers that were counted."""
    tiered = [one for one in definitions().indicators.values() if one.high_le is not None]
    found = [
        judge(*_both(_indicators(place, span, one.code)), high_le=one.high_le, low_ge=one.low_ge)
        for one in tiered
    ]
    counted = [one.tier for one in found if one.denominator]
    return counted.count(Tier.LOW), len(counted)


def _both(counted: Counted) -> tuple[int, int]:
    return counted[0], counted[1] or 0


def _nonconformities(place: Site, span: Span) -> Counted:
    return _raised(place, span).count(), None


def _harmed(place: Site, span: Span) -> Counted:
    found = _raised(place, span)
    return found.filter(impact=Nonconformity.Impact.HARMED).count(), found.count()


def _raised(place: Site, span: Span) -> QuerySet[Nonconformity]:
    found = Nonconformity.objects.filter(
        laboratory=place, raised_at__gte=span.begins, raised_at__lt=span.ends
    )
    return found.exclude(state=Nonconformity.State.DISMISSED)


def _actions(place: Site, span: Span) -> Counted:
    """Actions that were due, done on their day at the latest."""
    due = ImprovementAction.objects.filter(laboratory=place, due_on__gte=span.since, due_on__lt=span.until)
    days = due.values_list("due_on", "done_at")
    return sum(done is not None and place.day_of(done) <= day for day, done in days), len(days)


def _effective(place: Site, span: Span) -> Counted:
    kinds = ImprovementStep.Kind
    found = ImprovementStep.objects.filter(laboratory=place, at__gte=span.begins, at__lt=span.ends)
    good = found.filter(kind=kinds.EFFECTIVE).count()
    return good, good + found.filter(kind=kinds.WITHOUT_EFFECT).count()


def _audits(place: Site, span: Span) -> Counted:
    planned = Audit.objects.filter(laboratory=place, planned_on__gte=span.since, planned_on__lt=span.until)
    return planned.filter(state=Audit.State.REPORTED).count(), planned.count()


def _findings(place: Site, span: Span) -> Counted:
    answered = AuditItem.objects.filter(
        laboratory=place, answered_at__gte=span.begins, answered_at__lt=span.ends
    )
    failed = answered.filter(verdict__in=[AuditItem.Verdict.MINOR, AuditItem.Verdict.MAJOR])
    return failed.count(), answered.count()


def _complaints(place: Site, span: Span) -> Counted:
    found = Complaint.objects.filter(
        laboratory=place, received_at__gte=span.begins, received_at__lt=span.ends
    )
    return found.filter(is_justified=True).count(), found.count()


def _control(place: Site, span: Span) -> Counted:
    found = ControlRun.objects.filter(
        laboratory=place, began_at__gte=span.begins, began_at__lt=span.ends
    ).aggregate(runs=Count("id"), rejected=Count("id", filter=Q(verdict=ControlRun.Verdict.REJECTED)))
    return found["rejected"], found["runs"]


def _alarms(place: Site, span: Span) -> Counted:
    found = MonitorAlarm.objects.filter(laboratory=place, found_at__gte=span.begins, found_at__lt=span.ends)
    return found.count(), None


def _apart(_place: Site, span: Span) -> Counted:
    """Tests of which an analyzer was apart in the last month, among those that were judged."""
    judged = [
        any(field.apart for field in line.fields.values())
        for line in lines_of(shifted(span.until, -1))
        if line.whole is not None and line.limit is not None
    ]
    return sum(judged), len(judged)


def _supplies(place: Site, span: Span) -> Counted:
    found = SupplyRecord.objects.filter(laboratory=place, at__gte=span.begins, at__lt=span.ends)
    return found.count(), None


def _studies(place: Site, span: Span, **more: object) -> Counted:
    signed = EvaluationStudy.objects.filter(
        laboratory=place, signed_at__gte=span.begins, signed_at__lt=span.ends, **more
    )
    return signed.filter(record__decision="accepted").count(), signed.count()


def _look_backs(place: Site, span: Span) -> Counted:
    found = LookBack.objects.filter(laboratory=place, opened_at__gte=span.begins, opened_at__lt=span.ends)
    return found.count(), None


def _review_actions(place: Site, _at: datetime) -> Counted:
    found = _decided_actions(place)
    return found.filter(done_at=None).count(), found.count()


def _review_actions_overdue(place: Site, at: datetime) -> Counted:
    waiting = _decided_actions(place).filter(done_at=None)
    return waiting.filter(due_on__lt=place.day_of(at)).count(), waiting.count()


def _decided_actions(place: Site) -> QuerySet[ReviewEntry]:
    return ReviewEntry.objects.filter(
        laboratory=place, kind=ReviewEntry.Kind.ACTION, review__state=ManagementReview.State.SIGNED
    )


def _overdue(place: Site, at: datetime) -> Counted:
    lines = open_lines(place.pk, at=at, today=place.day_of(at))
    return sum(one.is_overdue for one in lines), len(lines)


def _unanswered_complaints(place: Site, _at: datetime) -> Counted:
    waiting = Complaint.objects.filter(laboratory=place, answered_at=None)
    return waiting.exclude(nonconformity__state=Nonconformity.State.DISMISSED).count(), None


def _violations(place: Site, _at: datetime) -> Counted:
    found = ControlViolation.objects.filter(laboratory=place, closed_at=None, is_rejection=True)
    return found.count(), None


def _high_risks(place: Site, _at: datetime) -> Counted:
    """Risks of which more than a low one is left, and nobody has accepted that."""
    known = list(Risk.objects.filter(laboratory=place).exclude(state=Risk.State.RETIRED))
    left = [
        one
        for one in known
        if one.state == Risk.State.OPEN and (one.after or one.before).level is not Level.LOW
    ]
    return len(left), len(known)


def _late_risks(place: Site, at: datetime) -> Counted:
    known = Risk.objects.filter(laboratory=place).exclude(state=Risk.State.RETIRED)
    return known.filter(review_on__lt=place.day_of(at)).count(), known.count()


def _failures(place: Site, _at: datetime) -> Counted:
    return FailureCase.objects.filter(laboratory=place, state=FailureCase.State.OPEN).count(), None


def _analyzers(place: Site, _at: datetime) -> Counted:
    return Analyzer.objects.filter(laboratory=place).count(), None


OF_SPAN: Mapping[str, Callable[[Site, Span], Counted]] = {
    "tubes": _whole("Pre-MisS"),
    "reports": _whole("Post-RectRep"),
    "late_reports": _share("Post-OutTime"),
    "indicators_low": _low,
    "nonconformities": _nonconformities,
    "harmed": _harmed,
    "actions_in_time": _actions,
    "audits": _audits,
    "findings": _findings,
    "complaints_justified": _complaints,
    "control_rejected": _control,
    "without_control": _share("Intra-IQC"),
    "wide_controls": _share("Intra-Var"),
    "monitor_alarms": _alarms,
    "tests_apart": _apart,
    "inaccurate": _share("Out-InacR"),
    "effective": _effective,
    "supplies": _supplies,
    "localised": lambda place, span: _studies(place, span, kind="equivalence"),
    "unacceptable": _share("Intra-Unac"),
    "without_assessment": _share("Intra-EQA"),
    "critical_late": _share("Post-InpCV", "Post-OutCV"),
    "corrected": _share("Post-RectRep"),
    "redrawn": _share("Own-Recoll"),
    "look_backs": _look_backs,
    "studies": _studies,
}
STANDING: Mapping[str, Callable[[Site, datetime], Counted]] = {
    "review_actions_open": _review_actions,
    "review_actions_overdue": _review_actions_overdue,
    "analyzers": _analyzers,
    "nonconformities_overdue": _overdue,
    "complaints_open": _unanswered_complaints,
    "violations_open": _violations,
    "risks_high": _high_risks,
    "risks_late": _late_risks,
    "eqa_open": _failures,
}
FIGURES = (*OF_SPAN, *STANDING)

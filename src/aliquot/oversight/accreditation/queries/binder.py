"""What is recorded at a laboratory as evidence for each clause, counted when it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import ControlPlan, ControlRun, ControlViolation, PatientMonitor
from aliquot.flow.reports.models import Notice, Report
from aliquot.flow.results.models import CriticalCall, LookBack
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion, Suspension
from aliquot.oversight.accreditation.models import ManagementReview
from aliquot.oversight.accreditation.rules.clauses import Clause, Standing, read_clauses, standing_of
from aliquot.oversight.comparability.models import PatientMedian
from aliquot.oversight.improvement.models import Audit, Complaint, Nonconformity, Risk
from aliquot.oversight.insight.models import IndicatorDay, IndicatorMonth
from aliquot.oversight.proficiency.models import FailureCase, ProficiencyScore
from aliquot.oversight.studies.models import EvaluationStudy, SupplyRecord
from aliquot.registers.catalogue.models import ReferenceInterval, RejectionReason, Test
from aliquot.registers.network.models import Contact, Department, Site
from aliquot.registers.patients.models import AccessEntry
from aliquot.registers.people.models import Assignment

DATA = Path(__file__).parent.parent / "data" / "clauses.toml"
Records = Callable[[Site, datetime], QuerySet[Any]]
MOST = 1000
"""Records are counted up to here: that there are many is evidence enough, and the page stays quick."""

EVIDENCE: Mapping[str, Records] = {
    "accesses": lambda _place, since: AccessEntry.objects.filter(at__gte=since),
    "assignments": lambda place, _since: Assignment.objects.filter(site=place),
    "departments": lambda place, _since: Department.objects.filter(site=place),
    "contacts": lambda _place, _since: Contact.objects.filter(is_active=True),
    "tests": lambda _place, _since: Test.objects.all(),
    "reference_limits": lambda _place, _since: ReferenceInterval.objects.all(),
    "rejection_reasons": lambda _place, _since: RejectionReason.objects.all(),
    "tubes_judged": lambda place, since: IndicatorDay.objects.filter(
        laboratory=place, day__gte=since.date(), code="Pre-MisS"
    ),
    "transport": lambda place, since: IndicatorDay.objects.filter(
        laboratory=place, day__gte=since.date(), code="Own-TransLate"
    ),
    "analyzers": lambda place, _since: Analyzer.objects.filter(laboratory=place),
    "control_plans": lambda place, _since: ControlPlan.objects.filter(laboratory=place, until=None),
    "control_runs": lambda place, since: ControlRun.objects.filter(laboratory=place, began_at__gte=since),
    "violations": lambda place, since: ControlViolation.objects.filter(
        laboratory=place, found_at__gte=since, closed_at__isnull=False
    ),
    "monitors": lambda place, _since: PatientMonitor.objects.filter(laboratory=place, state="active"),
    "eqa_scores": lambda place, since: ProficiencyScore.objects.filter(laboratory=place, at__gte=since),
    "eqa_cases": lambda place, since: FailureCase.objects.filter(laboratory=place, opened_at__gte=since),
    "comparisons": lambda place, since: PatientMedian.objects.filter(
        laboratory=place, month__gte=since.date()
    ),
    "studies": lambda place, _since: EvaluationStudy.objects.filter(
        laboratory=place, signed_at__isnull=False
    ),
    "supplies": lambda place, _since: SupplyRecord.objects.filter(laboratory=place),
    "rule_sets": lambda _place, _since: RuleSetVersion.objects.all(),
    "validations": lambda _place, _since: RuleSetValidation.objects.filter(signed_at__isnull=False),
    "suspensions": lambda _place, _since: Suspension.objects.all(),
    "critical_calls": lambda place, since: CriticalCall.objects.filter(
        laboratory=place, opened_at__gte=since
    ),
    "reports": lambda place, since: Report.objects.filter(laboratory=place, released_at__gte=since),
    "corrections": lambda place, since: Notice.objects.filter(laboratory=place, told_at__gte=since),
    "look_backs": lambda place, since: LookBack.objects.filter(laboratory=place, opened_at__gte=since),
    "requests": lambda _place, since: InboundDocument.objects.filter(received_at__gte=since),
    "nonconformities": lambda place, since: Nonconformity.objects.filter(
        laboratory=place, raised_at__gte=since
    ),
    "complaints": lambda place, since: Complaint.objects.filter(laboratory=place, received_at__gte=since),
    "audits": lambda place, since: Audit.objects.filter(laboratory=place, planned_at__gte=since),
    "risks": lambda place, _since: Risk.objects.filter(laboratory=place),
    "reviews": lambda place, since: ManagementReview.objects.filter(laboratory=place, signed_at__gte=since),
    "indicators": lambda place, since: IndicatorMonth.objects.filter(
        laboratory=place, month__gte=since.date()
    ),
}
"""The records of each kind: at a laboratory, since a moment where they come and go."""


@dataclass(frozen=True, slots=True)
class Held:
    """A clause with the count of each kind of record, and how it stands."""

    clause: Clause
    counts: dict[str, int]
    standing: Standing


@cache
def clauses() -> list[Clause]:
    """The clauses as the data state them."""
    return read_clauses(DATA.read_text(encoding="utf-8"), EVIDENCE)


def binder_of(place: Site, *, since: datetime) -> list[Held]:
    """Every clause with what is recorded for it at a laboratory, as far as the reader may see it."""
    counts = {name: records(place, since).order_by()[:MOST].count() for name, records in EVIDENCE.items()}
    return [
        Held(one, {name: counts[name] for name in one.evidence}, standing_of(one, counts))
        for one in clauses()
    ]

"""Where a nonconformity came from: the tube, the rule, the report, as people call it and whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import F

from aliquot.flow.orders.models import Order
from aliquot.flow.quality.models import ControlViolation, MonitorAlarm
from aliquot.flow.results.models import LookBack
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.oversight.improvement.models import AuditItem, Nonconformity
from aliquot.oversight.proficiency.models import FailureCase

Source = Nonconformity.Source


@dataclass(frozen=True, slots=True)
class Subject:
    """A row that something was wrong with; `facts` are codes, numbers and names, without a language.

    `key` finds its page: the tube's or order's number, else the row's id.
    """

    source: str
    id: int
    key: str
    reference: str
    site_id: int
    laboratory_id: int
    facts: tuple[str, ...] = ()
    patient_id: int | None = None


def subject_of(source: str, subject_id: int | None) -> Subject | None:
    """The row behind a source, when there is one and the actor may see it."""
    find = FINDERS.get(source)
    return find(subject_id) if find is not None and subject_id is not None else None


def _tube(subject_id: int) -> Subject | None:
    found = Specimen.objects.select_related("order", "container").filter(pk=subject_id).first()
    if found is None:
        return None
    tests = SpecimenTest.objects.filter(specimen=found).exclude(rejection_reason=None)
    lost = tests.select_related("test", "rejection_reason").order_by("id")
    facts = [f"{one.test.code}: {one.rejection_reason.name}" for one in lost if one.rejection_reason]
    return Subject(
        Source.REJECTED_TUBE,
        found.pk,
        found.number,
        found.number,
        found.ordering_site_id,
        found.laboratory_id,
        tuple(facts),
        found.order.patient_id,
    )


def _violation(subject_id: int) -> Subject | None:
    found = ControlViolation.objects.select_related("analyzer", "test", "run").filter(pk=subject_id).first()
    if found is None:
        return None
    reference = f"{found.analyzer} {found.test.code} {found.rule}"
    here = found.laboratory_id
    return Subject(
        Source.CONTROL_VIOLATION,
        found.pk,
        f"{found.analyzer_id}/{found.test_id}",
        reference,
        here,
        here,
        (f"{reference} ({found.run.number})",),
    )


def _alarm(subject_id: int) -> Subject | None:
    found = MonitorAlarm.objects.select_related("analyzer", "test").filter(pk=subject_id).first()
    if found is None:
        return None
    reference = f"{found.analyzer} {found.test.code} {'↑' if found.is_high else '↓'}"
    here = found.laboratory_id
    return Subject(
        Source.MONITOR_ALARM,
        found.pk,
        str(found.monitor_id),
        reference,
        here,
        here,
        (f"{found.statistic:.4g}",),
    )


def _order(source: Source) -> Callable[[int], Subject | None]:
    def find(subject_id: int) -> Subject | None:
        found = Order.objects.filter(pk=subject_id).first()
        if found is None:
            return None
        return Subject(
            source,
            found.pk,
            found.number,
            found.number,
            found.ordering_site_id,
            found.laboratory_id,
            (found.requester,) if found.requester else (),
            found.patient_id,
        )

    return find


def _look_back(subject_id: int) -> Subject | None:
    found = LookBack.objects.filter(pk=subject_id).first()
    if found is None:
        return None
    return Subject(
        Source.WRONG_RESULT,
        found.pk,
        str(found.pk),
        f"№ {found.pk}",
        found.laboratory_id,
        found.laboratory_id,
        (found.reason,),
    )


def _failure(subject_id: int) -> Subject | None:
    rows = FailureCase.objects.select_related("score__test").annotate(
        round_code=F("score__round__code"), sample=F("score__item__sample__code")
    )
    found = rows.filter(pk=subject_id).first()
    if found is None:
        return None
    score = found.score
    facts = [f"z = {score.z:.2f}"] if score.z is not None else []
    reference = f"{found.round_code} / {found.sample} / {score.test.code}"
    here = found.laboratory_id
    return Subject(Source.EQA_FAILURE, found.pk, str(found.pk), reference, here, here, tuple(facts))


def _finding(subject_id: int) -> Subject | None:
    found = AuditItem.objects.select_related("audit").filter(pk=subject_id).first()
    if found is None:
        return None
    return Subject(
        Source.AUDIT_FINDING,
        found.pk,
        str(found.audit_id),
        f"ISO 15189, {found.clause}",
        found.laboratory_id,
        found.laboratory_id,
        (found.evidence,) if found.evidence else (),
    )


FINDERS: Mapping[str, Callable[[int], Subject | None]] = {
    Source.REJECTED_TUBE: _tube,
    Source.CONTROL_VIOLATION: _violation,
    Source.MONITOR_ALARM: _alarm,
    Source.COMPLAINT: _order(Source.COMPLAINT),
    Source.LATE_RESULT: _order(Source.LATE_RESULT),
    Source.WRONG_RESULT: _look_back,
    Source.EQA_FAILURE: _failure,
    Source.AUDIT_FINDING: _finding,
}

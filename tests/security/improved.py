"""A complaint of the first clinic that its hub works on, an audit, a risk, a review: a row in each of their tables."""

from hashlib import sha256
from typing import Any

from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.oversight.accreditation.models import ManagementReview, ReviewDocument, ReviewEntry
from aliquot.oversight.improvement.models import (
    Audit,
    AuditItem,
    Complaint,
    ImprovementAction,
    ImprovementStep,
    Nonconformity,
    Risk,
    RiskControl,
    RiskRating,
)
from aliquot.registers.network.models import Site
from tests.factories import NOW
from tests.regions import Region


def improved(clinic: Site, hub: Site, subject_id: int, reference: str) -> dict[tuple[str, str], object]:
    """The ids that their pages are opened by."""
    own: dict[str, Any] = {"laboratory": hub}
    row = Nonconformity.objects.create(
        number="2026-9001",
        site=clinic,
        source="complaint",
        subject_id=subject_id,
        reference=reference,
        what="t",
        severity=2,
        probability=3,
        raised_at=NOW,
        raised_by="t",
        contain_by=NOW,
        **own,
    )
    action = ImprovementAction.objects.create(
        nonconformity=row, what="t", owner="t", due_on=NOW.date(), planned_at=NOW, planned_by="t", **own
    )
    ImprovementStep.objects.create(nonconformity=row, kind="raised", at=NOW, by="t", **own)
    Complaint.objects.create(
        nonconformity=row, site=clinic, complainant="t", channel="phone", received_at=NOW, **own
    )
    audit = Audit.objects.create(
        scope="t", auditor="t", planned_on=NOW.date(), planned_at=NOW, planned_by="t", **own
    )
    item = AuditItem.objects.create(
        audit=audit, position=1, clause="4.2", question_en="t", question_ru="t", **own
    )
    risk = Risk.objects.create(
        step="order",
        hazard="t",
        harm="t",
        severity=2,
        probability=2,
        review_on=NOW.date(),
        entered_at=NOW,
        entered_by="t",
        **own,
    )
    RiskControl.objects.create(risk=risk, what="t", added_at=NOW, added_by="t", **own)
    RiskRating.objects.create(
        risk=risk, severity=2, probability=2, is_after=False, note="t", at=NOW, by="t", **own
    )
    review = ManagementReview.objects.create(
        number=1, since=NOW.date().replace(day=1), until=NOW.date(), held_on=NOW.date(), participants="t",
        opened_at=NOW, opened_by="t", **own,
    )  # fmt: skip
    entry = ReviewEntry.objects.create(
        review=review,
        letter="a",
        kind="action",
        what="t",
        owner="t",
        due_on=NOW.date(),
        at=NOW,
        by="t",
        **own,
    )
    minutes = {"content": b"m", "digest": sha256(b"m").hexdigest()}
    ReviewDocument.objects.create(review=review, language="en", **minutes, **own)
    return {
        ("reviews", "pk"): review.pk,
        ("follow-up", "pk"): entry.pk,
        ("minutes", "language"): "en",
        ("nonconformities", "pk"): row.pk,
        ("actions", "pk"): action.pk,
        ("audits", "pk"): audit.pk,
        ("items", "pk"): item.pk,
        ("risks", "pk"): risk.pk,
    }


def improved_at(region: Region, tube: Specimen) -> dict[tuple[str, str], object]:
    """The parts of the addresses of their pages."""
    with acting(region.worker):
        found = improved(region.clinic, region.hub, tube.order_id, tube.order.number)
        return found | {("pk", "step"): "contain"}

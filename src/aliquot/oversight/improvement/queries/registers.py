"""Audits with their checklist, and the register of risks."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db.models import Count, Q

from aliquot.oversight.improvement.models import Audit, AuditItem, Risk

CHECKLIST = Path(__file__).parent.parent / "data" / "checklist.toml"


@dataclass(frozen=True, slots=True)
class Question:
    """What an audit asks, by clause of ISO 15189:2022."""

    clause: str
    en: str
    ru: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An audit in the list: how many questions it has, how many are answered, how many failed."""

    row: Audit
    total: int
    answered: int
    failed: int


@cache
def questions() -> tuple[Question, ...]:
    """The checklist that comes with the program, by clause."""
    kept = tomllib.loads(CHECKLIST.read_text(encoding="utf-8"))
    return tuple(Question(**one) for one in kept["question"])


def audits_of(laboratory_id: int, *, limit: int = 100) -> list[AuditLine]:
    """The audits of a laboratory, the newest first."""
    answered = Count("items", filter=~Q(items__verdict=""))
    failed = Count("items", filter=Q(items__verdict__in=["minor", "major"]))
    found = Audit.objects.filter(laboratory_id=laboratory_id)
    found = found.annotate(total=Count("items"), answered=answered, failed=failed)
    rows = found.order_by("-planned_on", "-id")[:limit]
    return [AuditLine(one, one.total, one.answered, one.failed) for one in rows]


def audit_of(pk: int) -> Audit | None:
    """One that the actor may see."""
    return Audit.objects.select_related("laboratory").filter(pk=pk).first()


def items_of(audit_id: int) -> list[AuditItem]:
    """Its questions in order."""
    return list(
        AuditItem.objects.filter(audit_id=audit_id).select_related("nonconformity").order_by("position")
    )


def risks_of(laboratory_id: int) -> list[Risk]:
    """The register of a laboratory, the greatest risk first; what is no longer there comes last."""
    found = Risk.objects.filter(laboratory_id=laboratory_id)
    found = found.annotate(events=Count("nonconformities", distinct=True)).prefetch_related("controls")
    return sorted(found, key=lambda one: (one.state == Risk.State.RETIRED, -_weight(one), one.pk))


def risk_of(pk: int) -> Risk | None:
    """One that the actor may see."""
    return Risk.objects.filter(pk=pk).first()


def _weight(one: Risk) -> int:
    rating = one.after or one.before
    return rating.severity * rating.probability

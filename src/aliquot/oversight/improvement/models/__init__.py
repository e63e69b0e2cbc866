"""Tables of improvement: nonconformities with their actions and steps, complaints, audits, risks."""

from aliquot.oversight.improvement.models.audits import Audit, AuditItem
from aliquot.oversight.improvement.models.nonconformities import (
    Complaint,
    ImprovementAction,
    ImprovementStep,
    Nonconformity,
)
from aliquot.oversight.improvement.models.risks import Risk, RiskControl, RiskRating

__all__ = [
    "Audit",
    "AuditItem",
    "Complaint",
    "ImprovementAction",
    "ImprovementStep",
    "Nonconformity",
    "Risk",
    "RiskControl",
    "RiskRating",
]

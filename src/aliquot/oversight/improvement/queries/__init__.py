"""What others may ask of improvement: what is open, where it came from, causes, audits, risks."""

from aliquot.oversight.improvement.queries.nonconformities import (
    Line,
    action_of,
    actions_of,
    complaint_of,
    last_of_subject,
    lines_of,
    nonconformity_of,
    open_count,
    over_of,
    overdue_count,
    people_at,
    raised_at,
    standing_of,
    steps_of,
)
from aliquot.oversight.improvement.queries.registers import (
    AuditLine,
    Question,
    audit_of,
    audits_of,
    items_of,
    questions,
    risk_of,
    risks_of,
)
from aliquot.oversight.improvement.queries.subjects import Subject, subject_of
from aliquot.oversight.improvement.queries.trends import CauseMonth, causes_by_month

__all__ = [
    "AuditLine",
    "CauseMonth",
    "Line",
    "Question",
    "Subject",
    "action_of",
    "actions_of",
    "audit_of",
    "audits_of",
    "causes_by_month",
    "complaint_of",
    "items_of",
    "last_of_subject",
    "lines_of",
    "nonconformity_of",
    "open_count",
    "over_of",
    "overdue_count",
    "people_at",
    "questions",
    "raised_at",
    "risk_of",
    "risks_of",
    "standing_of",
    "steps_of",
    "subject_of",
]

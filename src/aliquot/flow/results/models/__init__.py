"""Results, what people decided about them, and the calls that critical values demand."""

from aliquot.flow.results.models.decisions import Decision, ResultClaim
from aliquot.flow.results.models.look_backs import LookBack, LookBackMember, LookBackStep, LookBackTask
from aliquot.flow.results.models.results import (
    AddOn,
    CriticalAttempt,
    CriticalCall,
    CriticalEscalation,
    Result,
)

__all__ = [
    "AddOn",
    "CriticalAttempt",
    "CriticalCall",
    "CriticalEscalation",
    "Decision",
    "LookBack",
    "LookBackMember",
    "LookBackStep",
    "LookBackTask",
    "Result",
    "ResultClaim",
]

"""How an internal audit goes, and which of its findings become nonconformities.

Source: ISO 15189:2022, 8.8.3 (internal audits: programme, scope, findings, corrective action without undue
delay; auditors do not audit their own work); ISO 19011:2018, 6.4 and 6.5.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

STEPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "planned": frozenset({"under_way", "cancelled"}),
        "under_way": frozenset({"reported", "cancelled"}),
    }
)
BEGIN: Final = "planned"
UNANSWERED: Final = ""
SEVERITY: Mapping[str, int] = MappingProxyType({"minor": 2, "major": 4})
"""Verdicts that raise a nonconformity, and how severe it is to begin with."""


def may_step(state: str, to: str) -> bool:
    """Whether an audit in `state` may become `to`."""
    return to in STEPS.get(state, frozenset())


def raises(verdict: str) -> bool:
    """Whether a finding of this kind opens a nonconformity."""
    return verdict in SEVERITY


def why_not_reported(verdicts: Iterable[str], summary: str) -> str:
    """Why the audit cannot be reported yet: "" or one of empty, unanswered, summary."""
    found = list(verdicts)
    if not found:
        return "empty"
    if UNANSWERED in found:
        return "unanswered"
    return "" if summary.strip() else "summary"

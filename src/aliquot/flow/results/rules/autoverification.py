"""The one decision: release without a person, or wait and say every reason.

Source: CLSI AUTO10-A; ISO 15189:2022, 7.4.1.5. The absence of a rule never releases.
"""

from dataclasses import dataclass

from aliquot.flow.results.rules.delta import delta_reasons
from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.flags import condition_reasons, flag_reasons
from aliquot.flow.results.rules.limits import CRITICAL_FLAGS, flag_and_reasons
from aliquot.flow.results.rules.order_state import order_reasons
from aliquot.flow.results.rules.quality import quality_reasons
from aliquot.flow.results.rules.reasons import Reason
from aliquot.flow.results.rules.stability import stability_reasons

RULES = (
    order_reasons,
    delta_reasons,
    flag_reasons,
    condition_reasons,
    stability_reasons,
    quality_reasons,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Release or wait, the flag (HL7 table 0078, "" unknown), all reasons to wait, whether to call."""

    release: bool
    flag: str
    reasons: tuple[Reason, ...]
    critical: bool


def decide(evidence: Evidence) -> Verdict:
    """What becomes of a result: released only when no rule has a reason to wait; a critical one waits."""
    flag, reasons = flag_and_reasons(evidence)
    for rule in RULES:
        reasons += rule(evidence)
    return Verdict(not reasons, flag, tuple(reasons), flag in CRITICAL_FLAGS)

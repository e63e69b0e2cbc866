"""Whether the analyzer, its quality control and the test itself may release without a person.

Source: ISO 15189:2022, 7.3.7.2 and 7.4.1.5 (automated release: criteria, rapid suspension).
"""

from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.reasons import Reason, because

RELEASING = ("no_plan", "in_control")
"""An analyzer without a control plan releases, and every screen says that it has none."""


def quality_reasons(evidence: Evidence) -> list[Reason]:
    """Every reason that lies in the analyzer, its control or the test's own switch."""
    reasons = []
    if evidence.is_suspended:
        reasons.append(because("analyzer_suspended"))
    if evidence.qc_state not in RELEASING:
        reasons.append(because("out_of_control" if evidence.qc_state == "out_of_control" else "qc_unknown"))
    if not evidence.is_released_by_rules:
        reasons.append(because("autorelease_off"))
    return reasons

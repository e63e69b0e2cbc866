"""Whether the analyzer, its control, calibration and reagent, and the test may release without a person.

Source: ISO 15189:2022, 7.3.7.2 and 7.4.1.5 (automated release: criteria, rapid suspension).
"""

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import UNIT_CHANGED, Plan, Suspension
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.shapes import Quality

USUAL = Quality("")
"""Without a rule: an analyzer without a control plan releases, and every screen says that it has none."""


def quality_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """Every reason that lies in the analyzer, its control or the test's own switch."""
    reasons = [because("analyzer_suspended")] if evidence.is_suspended else []
    for rule in plan.quality or (USUAL,):
        if evidence.qc_state not in rule.qc:
            reasons.append(because(_qc_code(evidence.qc_state), rule=rule.code))
        if rule.calibration and evidence.is_calibrated is False:
            reasons.append(because("calibration_expired", rule=rule.code))
        if rule.reagent and evidence.is_reagent_valid is False:
            reasons.append(because("reagent_expired", rule=rule.code))
    if not plan.facts.is_released_by_rules:
        reasons.append(because("autorelease_off"))
    if plan.suspensions:
        reasons += [_suspended(one) for one in plan.suspensions if _concerns(one, evidence)]
    return reasons


def _qc_code(state: str) -> str:
    if state == "no_plan":
        return "qc_plan_missing"
    return "out_of_control" if state == "out_of_control" else "qc_unknown"


def _concerns(one: Suspension, evidence: Evidence) -> bool:
    """Whether the suspension is of this result's analyzer and laboratory; its test the plan has looked at."""
    return one.analyzer_id in (None, evidence.analyzer_id) and one.laboratory_id in (
        None,
        evidence.laboratory_id,
    )


def _suspended(one: Suspension) -> Reason:
    if one.scope == UNIT_CHANGED:
        return because("unit_changed", units=one.note)
    return because("suspended", scope=one.scope, note=one.note)

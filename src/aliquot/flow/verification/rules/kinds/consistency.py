"""Values that cannot stand beside each other in one specimen.

Source: Croatian working group, Biochem Med 2025 (BM.2025.010503); Shih 2011; K high with Ca and ALP low is
K-EDTA from another tube (Cornes et al., Ann Clin Biochem 2008;45:601).
"""

from typing import Any

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Action, Reason, because


def consistency_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """One reason for each condition that is met, or that cannot be judged where its rule asks for that."""
    reasons = []
    for rule in plan.consistencies:
        met = rule.when.evaluate(evidence)
        said: dict[str, Any] = {"text_en": rule.text_en, "text_ru": rule.text_ru}
        if met:
            action: Action = "suppress" if rule.suppress else "hold"
            reasons.append(because("inconsistent", rule=rule.code, action=action, call=rule.call, **said))
        elif met is None and rule.missing == "hold":
            reasons.append(because("inconsistent_unknown", rule=rule.code, **said))
    return reasons

"""Words for the requester beside a result.

Source: ISO 15189:2022, 5.3.3 and 7.4.1.6, interpretive comments; the laboratory director owns each text.
"""

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.spoken import Spoken


def comments_of(evidence: Evidence, plan: Plan) -> list[Spoken]:
    """The comments whose condition is met, and those of flags that a rule lets pass with words."""
    spoken = [
        Spoken(rule.rule, rule.text_en, rule.text_ru)
        for flag in evidence.analyzer_flags
        if (rule := plan.flags.get(flag)) is not None and rule.action == "comment"
    ]
    if plan.comments:
        met = (rule for rule in plan.comments if rule.when.evaluate(evidence))
        spoken += [Spoken(rule.code, rule.text_en, rule.text_ru) for rule in met]
    return spoken

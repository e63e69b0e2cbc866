"""Tests that a result brings: TSH outside its interval asks for FT4.

Source: laboratory practice of reflex testing; every reflex needs the requester's consent policy and a tariff
line (ISO 15189:2022, 7.2.3 and 5.3.3).
"""

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.shapes import Reflex


def reflexes_of(evidence: Evidence, plan: Plan) -> tuple[Reflex, ...]:
    """The rules whose condition is met and of whose tests at least one is not in the order yet."""
    ordered = evidence.siblings.values
    return tuple(
        rule
        for rule in plan.reflexes
        if any(code not in ordered for code in rule.add) and rule.when.evaluate(evidence)
    )

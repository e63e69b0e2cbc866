"""Patients and places whose results a person always sees.

Source: CLSI AUTO10-A, exclusions; Croatian working group, Biochem Med 2025 (BM.2025.010503).
"""

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because


def exclusion_reasons(_evidence: Evidence, plan: Plan) -> list[Reason]:
    """One reason for each exclusion: that it covers the patient is why it stands in the plan."""
    return [
        because("excluded", rule=rule.code, text_en=rule.text_en, text_ru=rule.text_ru)
        for rule in plan.exclusions
    ]

"""Whether the order still wants this result, and whether it is the first.

Source: ISO 15189:2022, 7.4.1.1; CLSI AUTO10-A: reruns and manual entries are looked at by a person.
"""

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because

OPEN = "open"
REPORTED = "reported"
CANCELLED = "cancelled"


def order_reasons(evidence: Evidence, _plan: Plan) -> list[Reason]:
    """Every reason that lies in the order, in an earlier result of the test, or in how it came."""
    reasons = []
    if evidence.item_state == REPORTED:
        reasons.append(because("already_reported"))
    elif evidence.item_state != OPEN or evidence.order_state == CANCELLED:
        reasons.append(because("item_closed"))
    if evidence.is_rerun:
        reasons.append(because("rerun"))
    if evidence.is_manual:
        reasons.append(because("manual"))
    return reasons

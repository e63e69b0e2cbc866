"""When a test is measured again, and which of two runs is kept.

Source: CLSI AUTO10-A, repeat measurement; Toll et al., Arch Pathol Lab Med 2011;135:444: a repeat within the
allowable difference confirms the first value, which is the one to be reported. The loop is bounded by `most`.
"""

from decimal import Decimal

from aliquot.flow.verification.rules.evidence import Evidence, Run
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.rounding import plain
from aliquot.flow.verification.rules.shapes import Rerun

HUNDRED = Decimal(100)


def rerun_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """Why the test is to be measured again, that it was often enough, or that the runs differ."""
    if not plan.reruns:
        return []
    reasons = []
    for rule in plan.reruns:
        first = _first(evidence)
        if first is not None and _asks_agreement(rule):
            reasons += _disagreement(rule, first, evidence)
        elif rule.when.evaluate(evidence):
            repeats = evidence.run < rule.most
            code = "rerun_wanted" if repeats else "rerun_exhausted"
            reasons.append(because(code, rule=rule.code, action="rerun" if repeats else "hold"))
    return reasons


def agreeing_run(evidence: Evidence, plan: Plan) -> int | None:
    """The result id of the first run when this one confirms it by a rule: the first is the one to report."""
    first = _first(evidence)
    if first is None or not plan.reruns:
        return None
    asked = [rule for rule in plan.reruns if _asks_agreement(rule)]
    return first.result_id if asked and all(agrees(rule, first, evidence) for rule in asked) else None


def agrees(rule: Rerun, first: Run, evidence: Evidence) -> bool:
    """Whether two numbers without a sign, in one unit, differ by no more than an allowance of the rule."""
    one, two = first.value, evidence.value
    if one is None or two is None or not one.is_finite() or not two.is_finite():
        return False
    if first.comparator or evidence.comparator or first.unit != evidence.unit:
        return False
    difference = abs(two - one)
    if rule.agree_absolute is not None and difference <= rule.agree_absolute:
        return True
    return rule.agree_percent is not None and difference * HUNDRED <= rule.agree_percent * abs(one)


def _first(evidence: Evidence) -> Run | None:
    """The earliest earlier run."""
    return min(evidence.earlier_runs, key=lambda one: one.result_id, default=None)


def _asks_agreement(rule: Rerun) -> bool:
    return rule.agree_percent is not None or rule.agree_absolute is not None


def _disagreement(rule: Rerun, first: Run, evidence: Evidence) -> list[Reason]:
    if agrees(rule, first, evidence):
        return []
    earlier = first.comparator + plain(first.value) if first.value is not None else "-"
    return [because("runs_differ", rule=rule.code, first=earlier, second=evidence.value_text)]

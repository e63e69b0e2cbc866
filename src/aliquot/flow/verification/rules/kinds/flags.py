"""What the analyzer and reception said: any word whose harmlessness nobody stated makes the result wait.

Source: CLSI AUTO10-A, instrument flags; EFLM working group on haemolysis (suppress by test, never correct).
"""

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import FlagRule, Plan
from aliquot.flow.verification.rules.reasons import Action, Reason, because
from aliquot.flow.verification.rules.signs import ABOVE, BELOW

HARMLESS = frozenset({"normal", "low", "high"})
"""Place against the analyzer's own interval, which we decide ourselves. All else warns."""
JUDGED_BY_SIGN = {"below_range": BELOW, "above_range": ABOVE}
"""Beyond the measuring range: the limits already judge a value that carries the sign."""
MESSAGE, UNKNOWN = "message:", "unknown:"
REPLAYED = "replayed"
"""A mark of ours: an old message was read again, and differently."""
RELEASING = frozenset({"ignore", "comment"})
OF_IDENTITY = frozenset({"UNLAB", "FEWID", "MISID", "MISREQ"})
"""Whose tube it is stands in doubt: no test of it bears that, whatever its list says."""


def flag_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """One reason for each flag and message of the analyzer that is not harmless, understood or not."""
    if not evidence.analyzer_flags:
        return []
    return [
        said for flag in evidence.analyzer_flags if (said := _judged(flag, evidence, plan.flags.get(flag)))
    ]


def _judged(flag: str, evidence: Evidence, rule: FlagRule | None) -> Reason | None:
    """The reason of one flag; what a rule says of it goes before what is usual."""
    if rule is None:
        is_judged = evidence.comparator in JUDGED_BY_SIGN.get(flag, ())
        return None if flag in HARMLESS or is_judged else _flag(flag)
    if rule.action in RELEASING:
        return None
    if rule.action == "suppress":
        return _flag(flag, rule=rule.rule, action="suppress")
    repeats = rule.action == "rerun" and evidence.run < rule.most
    return _flag(flag, rule=rule.rule, action="rerun" if repeats else "hold")


def _flag(flag: str, *, rule: str = "", action: Action = "hold") -> Reason:
    if flag.startswith(MESSAGE):
        said = flag.removeprefix(MESSAGE)
        return because("instrument_message", rule=rule, action=action, message=said)
    if flag.startswith(UNKNOWN):
        return because("unknown_flag", rule=rule, action=action, what=flag.removeprefix(UNKNOWN))
    if flag == REPLAYED:
        return because("replayed", rule=rule, action=action)
    return because("analyzer_flag", rule=rule, action=action, flag=flag)


def condition_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """One reason for each condition of the tube, unless the test's list of what spoils it leaves it out.

    An empty list means that nobody has judged this test yet: then every condition makes it wait.
    """
    if not evidence.conditions or evidence.is_computed:
        return []
    listed = plan.facts.spoilt_by
    spoilt_by = OF_IDENTITY.union(listed)
    return [
        because("specimen_spoilt" if one in spoilt_by else "specimen_condition", condition=one)
        for one in evidence.conditions
        if not listed or one in spoilt_by
    ]

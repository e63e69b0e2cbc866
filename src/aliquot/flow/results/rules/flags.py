"""What the analyzer and reception said: any word whose harmlessness nobody stated makes the result wait.

Source: CLSI AUTO10-A, instrument flags; EFLM working group on haemolysis (suppress by test, never correct).
"""

from aliquot.flow.results.rules.critical import ABOVE, BELOW
from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.reasons import Reason, because

HARMLESS = frozenset({"normal", "low", "high"})
"""Place against the analyzer's own interval, which we decide ourselves. All else warns."""
JUDGED_BY_SIGN = {"below_range": BELOW, "above_range": ABOVE}
"""Beyond the measuring range: the limits already judge a value that carries the sign."""
MESSAGE, UNKNOWN = "message:", "unknown:"
REPLAYED = "replayed"
"""A mark of ours: an old message was read again, and differently."""


def flag_reasons(evidence: Evidence) -> list[Reason]:
    """One reason for each flag and message of the analyzer that is not harmless, understood or not."""
    return [
        _flag(flag)
        for flag in evidence.analyzer_flags
        if flag not in HARMLESS and evidence.comparator not in JUDGED_BY_SIGN.get(flag, ())
    ]


def _flag(flag: str) -> Reason:
    if flag.startswith(MESSAGE):
        return because("instrument_message", message=flag.removeprefix(MESSAGE))
    if flag.startswith(UNKNOWN):
        return because("unknown_flag", what=flag.removeprefix(UNKNOWN))
    if flag == REPLAYED:
        return because("replayed")
    return because("analyzer_flag", flag=flag)


def condition_reasons(evidence: Evidence) -> list[Reason]:
    """One reason for each condition of the tube, unless the test's list of what spoils it leaves it out.

    An empty list means that nobody has judged this test yet: then every condition makes it wait.
    """
    return [_condition(evidence, one) for one in evidence.conditions if _matters(evidence, one)]


def _matters(evidence: Evidence, condition: str) -> bool:
    return not evidence.spoilt_by or condition in evidence.spoilt_by


def _condition(evidence: Evidence, condition: str) -> Reason:
    code = "specimen_spoilt" if condition in evidence.spoilt_by else "specimen_condition"
    return because(code, condition=condition)

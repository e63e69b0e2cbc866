"""The one decision: release without a person, measure again, suppress, or wait and say every reason.

Source: CLSI AUTO10-A; ISO 15189:2022, 7.4.1.5. The absence of a rule never releases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.kinds.comment import comments_of
from aliquot.flow.verification.rules.kinds.consistency import consistency_reasons
from aliquot.flow.verification.rules.kinds.delta import delta_reasons
from aliquot.flow.verification.rules.kinds.exclusion import exclusion_reasons
from aliquot.flow.verification.rules.kinds.flags import condition_reasons, flag_reasons
from aliquot.flow.verification.rules.kinds.indices import index_comments, index_reasons
from aliquot.flow.verification.rules.kinds.limits import CRITICAL_FLAGS, flag_and_reasons
from aliquot.flow.verification.rules.kinds.measuring_range import range_reasons
from aliquot.flow.verification.rules.kinds.order_state import order_reasons
from aliquot.flow.verification.rules.kinds.quality import quality_reasons
from aliquot.flow.verification.rules.kinds.reflex import reflexes_of
from aliquot.flow.verification.rules.kinds.rerun import agreeing_run, rerun_reasons
from aliquot.flow.verification.rules.kinds.stability import stability_reasons
from aliquot.flow.verification.rules.kinds.swap import swap_reasons
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.shapes import Reflex
from aliquot.flow.verification.rules.spoken import Spoken
from aliquot.foundation.quick import quickly_made

Action = Literal["release", "hold", "rerun", "suppress"]
RULES = (
    order_reasons,
    delta_reasons,
    flag_reasons,
    condition_reasons,
    stability_reasons,
    quality_reasons,
    range_reasons,
    index_reasons,
    consistency_reasons,
    swap_reasons,
    exclusion_reasons,
    rerun_reasons,
)
FORBIDS_RERUN = frozenset(
    {
        "already_reported",
        "analyzer_suspended",
        "calibration_expired",
        "item_closed",
        "manual",
        "out_of_control",
        "qc_plan_missing",
        "qc_unknown",
        "reagent_expired",
        "suspended",
        "unit_changed",
    }
)
"""Where measuring again would serve nobody, or on an analyzer that must not measure."""
OF_THE_HEIGHT = frozenset(
    {"critical", "no_limit_beyond", "off_scale", "outside_autoverification", "unexpected_finding"}
)
"""A value that waits for nothing but how high it is may bring a reflex test."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a result.

    The flag (HL7 table 0078, "" unknown) with the interval it was judged by, all reasons, whether somebody
    has to be told, the comments, the dilution of a rerun ("" undiluted, None no rerun), the reflex rules that
    fired, the codes of all rules that fired, and the first run's result id when this run confirms it.
    """

    action: Action
    flag: str
    low: Decimal | None
    high: Decimal | None
    reasons: tuple[Reason, ...]
    critical: bool
    comments: tuple[Spoken, ...] = ()
    rerun: str | None = None
    reflex: tuple[Reflex, ...] = ()
    rules: tuple[str, ...] = ()
    confirms: int | None = None

    @property
    def release(self) -> bool:
        return self.action == "release"


def decide(evidence: Evidence, book: RuleBook) -> Verdict:
    """What becomes of a result by its laboratory's rules: released only when none has a reason to wait.

    Pure: the same evidence and book always give the same verdict, in service, in a back-test and in a test.
    """
    plan = book.plan_for(evidence)
    if plan is None:
        return Verdict("hold", "", None, None, (because("no_rule"),), critical=False)
    flag, reasons = flag_and_reasons(evidence, plan)
    for rule in RULES:
        reasons += rule(evidence, plan)
    return _verdict(evidence, plan, flag, reasons)


def _verdict(evidence: Evidence, plan: Plan, flag: str, reasons: list[Reason]) -> Verdict:
    action: Action = action_of(reasons) if reasons else "release"
    reflex: tuple[Reflex, ...] = ()
    comments: list[Spoken] = []
    if action != "suppress":
        comments = index_comments(evidence, plan) + comments_of(evidence, plan)
        if plan.reflexes and all(one.code in OF_THE_HEIGHT for one in reasons):
            reflex = reflexes_of(evidence, plan)
    return Verdict(
        action=action,
        flag=flag,
        low=plan.interval.low,
        high=plan.interval.high,
        reasons=tuple(reasons),
        critical=flag in CRITICAL_FLAGS and all(one.is_call_allowed for one in reasons),
        comments=tuple(comments),
        rerun=_dilution(reasons) if action == "rerun" else None,
        reflex=reflex,
        rules=_fired(reasons, comments, reflex) if reasons or comments or reflex else (),
        confirms=agreeing_run(evidence, plan) if evidence.earlier_runs else None,
    )


def action_of(reasons: Sequence[Reason]) -> Action:
    """Suppress before all else, then a rerun unless something forbids it, else hold.

    A cancelled or reported test is neither suppressed nor measured again.
    """
    actions = {one.action for one in reasons}
    codes = {one.code for one in reasons}
    if "suppress" in actions and not codes & {"item_closed", "already_reported"}:
        return "suppress"
    return "rerun" if "rerun" in actions and not codes & FORBIDS_RERUN else "hold"


def _dilution(reasons: Sequence[Reason]) -> str:
    """The dilution that was asked for; undiluted when none was."""
    asked = (dict(one.facts).get("dilution", "") for one in reasons if one.action == "rerun")
    return next(filter(None, asked), "")


def _fired(
    reasons: Sequence[Reason], comments: Sequence[Spoken], reflex: Sequence[Reflex]
) -> tuple[str, ...]:
    """The rules' codes, each once, in the order in which they spoke."""
    codes = [one.rule for one in reasons] + [one.rule for one in comments] + [one.code for one in reflex]
    return tuple(dict.fromkeys(filter(None, codes)))

"""Haemolysis, icterus, lipaemia: release, release with words, or suppress; never a correction.

Source: EFLM working group for the preanalytical phase (Lippi et al., 2018), the three steps: a bias below the
analytical specification is released, up to the reference change value it is released with a comment that
names the direction, beyond it is suppressed and drawn again; free haemoglobin of 10 g/L suppresses all.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.rounding import plain, reported
from aliquot.flow.verification.rules.shapes import Indices
from aliquot.flow.verification.rules.spoken import Spoken

NAMES = {"H": ("Haemolysis", "Гемолиз"), "I": ("Icterus", "Иктеричность"), "L": ("Lipaemia", "Липемия")}


def index_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """Every reason that lies in an index: missing, beyond what was studied, or changing too much."""
    return [said for rule in plan.indices for said in _judged(rule, evidence.indices.get(rule.index))]


def index_comments(evidence: Evidence, plan: Plan) -> list[Spoken]:
    """The words for values that are released although an index changes them a little."""
    return [
        _comment(rule, level, bias)
        for rule in plan.indices
        if (level := evidence.indices.get(rule.index)) is not None
        and (bias := bias_at(rule.bias, level)) is not None
        and _is_noticeable(rule, bias)
    ]


def bias_at(measured: Sequence[tuple[Decimal, Decimal]], level: Decimal) -> Decimal | None:
    """The change in percent at this level, linear between own measurements and from (0, 0) to the first.

    None beyond the last measurement: nobody knows.
    """
    below_level, below_bias = Decimal(0), Decimal(0)
    for above_level, above_bias in measured:
        if level <= above_level:
            if above_level == below_level:
                return above_bias
            share = (level - below_level) / (above_level - below_level)
            return below_bias + share * (above_bias - below_bias)
        below_level, below_bias = above_level, above_bias
    return None


def _judged(rule: Indices, level: Decimal | None) -> list[Reason]:
    if level is None:
        return [because("index_missing", rule=rule.code, index=rule.index)] if rule.missing == "hold" else []
    if rule.suppress_from is not None and level >= rule.suppress_from:
        facts: dict[str, Any] = {
            "index": rule.index,
            "level": plain(level),
            "limit": plain(rule.suppress_from),
        }
        return [because("index_too_high", rule=rule.code, action="suppress", **facts)]
    return _interference(rule, level) if rule.bias else []


def _interference(rule: Indices, level: Decimal) -> list[Reason]:
    bias = bias_at(rule.bias, level)
    facts: dict[str, Any] = {"index": rule.index, "level": plain(level)}
    if bias is None and not _is_too_much(rule, rule.bias[-1][1]):
        return [because("index_beyond", rule=rule.code, limit=plain(rule.bias[-1][0]), **facts)]
    if bias is None:
        bias = rule.bias[-1][1]
    if not _is_too_much(rule, bias):
        return []
    percent = plain(reported(bias, 1))
    return [because("interference", rule=rule.code, action="suppress", percent=percent, **facts)]


def _is_too_much(rule: Indices, bias: Decimal) -> bool:
    return rule.rcv_percent is not None and abs(bias) > rule.rcv_percent


def _is_noticeable(rule: Indices, bias: Decimal) -> bool:
    """Whether the bias reaches the analytical specification and stays within the reference change value."""
    return (
        rule.analytical_percent is not None
        and abs(bias) >= rule.analytical_percent
        and not _is_too_much(rule, bias)
    )


def _comment(rule: Indices, level: Decimal, bias: Decimal) -> Spoken:
    english, russian = NAMES[rule.index]
    percent = plain(reported(abs(bias), 1))
    side, shifted = ("high", "завышен") if bias > 0 else ("low", "занижен")
    return Spoken(
        rule.code,
        f"{english} (index {plain(level)}): the value may be falsely {side} by about {percent} %.",
        f"{russian} (индекс {plain(level)}): результат может быть {shifted} примерно на {percent} %.",
    )

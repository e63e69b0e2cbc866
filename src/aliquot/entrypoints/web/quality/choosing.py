"""Which rules a test needs: its imprecision as measured, its sigma, and the sets that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aliquot.flow.quality.queries import MonthRow
from aliquot.flow.quality.rules.sigma.frequency import run_size, single_rule_power
from aliquot.flow.quality.rules.sigma.metrics import Sigma, SigmaRules, sigma_metric, sigma_rules
from aliquot.flow.quality.rules.westgard.definitions import Check
from aliquot.flow.quality.rules.westgard.sets import RuleSet, shipped

SINGLE_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Imprecision:
    """What the controls of the last months show: pooled CV and mean bias in per cent, values, levels."""

    cv: Decimal | None
    bias: Decimal | None
    n: int
    levels: int


@dataclass(frozen=True, slots=True)
class Found:
    """The sigma of a test with the rules it asks for, and how many results may lie between two controls."""

    metric: Sigma
    rules: SigmaRules
    run_size: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A set of rules that may be taken; `every_results`: the run size that goes with it."""

    name: str
    words: str | Promise
    rules: tuple[str, ...]
    warnings: tuple[str, ...]
    levels: int
    sigma: Decimal | None = None
    every_results: int | None = None


def imprecision_of(rows: Sequence[MonthRow]) -> Imprecision:
    """CV pooled over months and lots by their degrees of freedom, and the mean bias by their counts."""
    spread = [one for one in rows if one.cv is not None and one.n > 1]
    freedom = sum(one.n - 1 for one in spread)
    squares = sum((one.cv**2 * (one.n - 1) for one in spread if one.cv is not None), Decimal(0))
    biased = [one for one in rows if one.bias is not None]
    count = sum(one.n for one in biased)
    total = sum((one.bias * one.n for one in biased if one.bias is not None), Decimal(0))
    return Imprecision(
        cv=round((squares / freedom).sqrt(), 2) if freedom else None,
        bias=round(total / count, 2) if count else None,
        n=sum(one.n for one in rows),
        levels=len({one.level for one in rows}),
    )


def sigma_of(given: Mapping[str, Any], levels: int) -> Found | None:
    """The sigma of allowable error, bias and CV in per cent; None while one of them is not said."""
    allowable, cv = given.get("allowable"), given.get("cv")
    if not allowable or not cv or allowable <= 0 or cv <= 0:
        return None
    metric = sigma_metric(allowable, given.get("bias") or Decimal(0), cv)
    rules = sigma_rules(metric.sigma, levels)
    if metric.sigma <= 0:
        return Found(metric, rules, None)
    return Found(
        metric, rules, run_size(float(metric.sigma), single_rule_power(SINGLE_LIMIT, rules.n)).results
    )


def choices_of(found: Found | None, levels: int) -> list[Choice]:
    """The sets that may be taken, the one that sigma asks for first."""
    sets = [
        _choice("westgard", _("Westgard multirule"), shipped("westgard", levels), levels),
        _choice("gost", _("GOST R 53133.2 (Russian rules)"), shipped("gost", levels), levels),
    ]
    if found is None:
        return sets
    own = Choice(
        name="sigma",
        words=_("Westgard Sigma Rules"),
        rules=found.rules.names,
        warnings=(),
        levels=levels,
        sigma=round(found.metric.sigma, 2),
        every_results=found.run_size if found.run_size and found.run_size < MOST_SAID else None,
    )
    return [own, *sets]


def _choice(name: str, words: str | Promise, found: RuleSet, levels: int) -> Choice:
    return Choice(name, words, _names(found.rejecting), _names(found.warning), levels)


def _names(checks: Sequence[Check]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.rule for one in checks))


MOST_SAID = 100_000
"""A run size above it is no bound that anybody reaches."""

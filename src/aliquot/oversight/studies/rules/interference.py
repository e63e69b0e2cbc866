"""Interference: a test pool with the substance against a control pool without it, or the effect over doses.

Source: CLSI EP07 3rd ed, sections 6 (paired difference) and 7 (dose response).
"""

from collections.abc import Sequence  # noqa: TC003 - beside the others, which are needed at run time
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import Reason, Study, Unusable, decided, reason, within
from aliquot.oversight.studies.rules.given import Given, complete, differing, significance
from aliquot.oversight.studies.rules.limits import NOTHING_STATED, Allowable, allowable_bias
from aliquot.oversight.studies.rules.regression.least_squares import least_squares
from aliquot.oversight.studies.rules.regression.line import Line

LEAST = 2
LEAST_DOSES = 3
OF_EFFECT = "Effect of the substance"
OF_GREATEST = "Effect at the greatest dose %(dose)s"
FEW_DOSES = "dose: %(count)s doses are too few; give at least %(least)s."


@dataclass(frozen=True, slots=True)
class InterferencePlan:
    """What effect is allowed, absolute or in percent of the control's mean."""

    allowable: Allowable = NOTHING_STATED
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class InterferenceData:
    """Values of the control and the test pool, or doses and the values at each."""

    control: tuple[float, ...] = ()
    test: tuple[float, ...] = ()
    doses: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """The difference of the pools with its interval; with doses the line and where it passes the limit."""

    base: float
    effect: float
    effect_percent: float | None
    low: float
    high: float
    limit: float | None
    n: int
    dose: float | None = None
    line: Line | None = None
    dose_at_limit: float | None = None


def read_interference(given: Given) -> tuple[InterferencePlan, InterferenceData]:
    """Lists or columns `control` and `test`, or `dose` and `value`."""
    plan = InterferencePlan(allowable_bias(given), significance(given))
    if given.has("dose", "concentration", "доза"):
        columns: dict[str, Sequence[Any]] = {
            "dose": given.column("dose", "concentration", "доза", wanted="the doses"),
            "value": given.column("value", "y", "result", "значение", wanted="the measured values"),
        }
        kept, remarks = complete(columns, least=LEAST_DOSES)
        if len(set(kept["dose"])) < LEAST_DOSES:
            raise Unusable(FEW_DOSES, count=len(set(kept["dose"])), least=LEAST_DOSES)
        return plan, InterferenceData(doses=kept["dose"], values=kept["value"], remarks=remarks)
    pools = {}
    for name, spelt in (("control", ("control", "base", "контроль")), ("test", ("test", "проба"))):
        column = given.column(*spelt, wanted="the values of the pool")
        kept, _ = complete({name: column}, least=LEAST)  # the pools need not be of one size
        pools[name] = kept[name]
    return plan, InterferenceData(pools["control"], pools["test"])


def interference(plan: InterferencePlan, data: InterferenceData) -> Study:
    """The effect with its interval against what is allowed."""
    found = _over_doses(plan, data) if data.doses else _of_pools(plan, data)
    what = reason(OF_GREATEST, dose=found.dose) if data.doses else reason(OF_EFFECT)
    criteria = (
        []
        if found.limit is None
        else [within(what, found.effect, found.limit, low=found.low, high=found.high)]
    )
    return decided("interference", found, criteria, fields="allowable_bias", remarks=data.remarks)


def _of_pools(plan: InterferencePlan, data: InterferenceData) -> Effect:
    """Welch's interval of the difference of means."""
    differing("control, test", [*data.control, *data.test])
    base = float(np.mean(data.control))
    effect = float(np.mean(data.test)) - base
    shares = [float(np.var(one, ddof=1)) / len(one) for one in (data.control, data.test)]
    doubt = sum(s * s / (len(one) - 1) for s, one in zip(shares, (data.control, data.test), strict=True))
    half = (
        float(stats.t.ppf(1 - plan.alpha / 2, sum(shares) ** 2 / doubt)) * sum(shares) ** 0.5
        if doubt
        else 0.0
    )
    return Effect(base, effect, 100 * effect / abs(base) if base else None, effect - half, effect + half,
                  plan.allowable.at(base), len(data.control) + len(data.test))  # fmt: skip


def _over_doses(plan: InterferencePlan, data: InterferenceData) -> Effect:
    """The effect at the greatest dose by a line over the doses, and the dose where it passes the limit."""
    differing("value", data.values)
    line = least_squares(np.asarray(data.doses), np.asarray(data.values), plan.alpha)
    dose, base = max(data.doses), line.intercept
    assert line.slope_lci is not None
    assert line.slope_uci is not None
    limit = plan.allowable.at(base)
    passed = None if limit is None or not line.slope else limit / abs(line.slope)
    effect = line.slope * dose
    return Effect(base, effect, 100 * effect / abs(base) if base else None, line.slope_lci * dose,
                  line.slope_uci * dose, limit, len(data.doses), dose, line, passed)  # fmt: skip

"""Carry-over: what a high specimen leaves in the low one after it.

Source: Broughton, J Autom Chem 1984;6:94 (H1 H2 H3 L1 L2 L3: (L1 - L3) / (H3 - L3)); Armbruster and
Alexander,
Clin Chim Acta 2006;373:37 (low after high against low after low, three SDs of the latter); CLSI EP10-A3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aliquot.oversight.studies.rules.findings import (
    Criterion,
    Reason,
    Study,
    Unusable,
    at_most,
    decided,
    reason,
)
from aliquot.oversight.studies.rules.given import NOT_TEXT, Given, complete

HIGH = frozenset({"h", "high", "в", "высокий"})
LOW = frozenset({"l", "low", "н", "низкий"})
SCHEME = ("h1", "h2", "h3", "l1", "l2", "l3")
RUN = 3
LEAST = 6
SDS = 3.0

OF_PERCENT = "Carry-over, %% of the high specimen"
OF_DIFFERENCE = "Low after high less low after low, against three SDs of the latter"
OF_ALLOWABLE = "Low after high less low after low"
NO_RUN = (
    "sequence: no low specimen follows a high one; measure H H H L L L, in this order and more than once."
)
NO_CONTRAST = "The high specimens are not above the low ones; exchange the labels or take a higher specimen."


@dataclass(frozen=True, slots=True)
class CarryOverPlan:
    """The allowable carry-over in percent, or the allowable change of a low specimen in its unit."""

    percent: float | None = None
    difference: float | None = None


@dataclass(frozen=True, slots=True)
class CarryOverData:
    """Values in the order of measurement, and whether each was of the high specimen."""

    values: tuple[float, ...]
    is_high: tuple[bool, ...]
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Carry-over by Broughton's ratio over its runs, and by the low specimens after high and after low."""

    n: int
    runs: int
    carry_over_percent: float | None
    carry_over_percent_each: tuple[float, ...]
    mean_high: float
    mean_low_after_low: float | None
    mean_low_after_high: float
    difference: float | None
    sd_low_after_low: float | None
    limit: float | None


def read_carry_over(given: Given) -> tuple[CarryOverPlan, CarryOverData]:
    """Rows in the order of measurement with the label H or L, or a run of H1 H2 H3 L1 L2 L3 in each row."""
    plan = CarryOverPlan(
        given.number(
            "allowable_carry_over_percent", "allowable_carryover_percent", "allowable_percent", above=0
        ),
        given.number("allowable_difference", "allowable_bias", "tea", above=0),
    )
    if given.has(SCHEME[0]):
        columns = {one: given.column(one, wanted="a run of H1 H2 H3 L1 L2 L3") for one in SCHEME}
        kept, remarks = complete(columns, least=1)
        rows = zip(*kept.values(), strict=True)
        values = tuple(float(one) for row in rows for one in row)
        return plan, CarryOverData(values, tuple(i % LEAST < RUN for i in range(len(values))), remarks)
    labels = given.labels("sequence", "sample", "level", "label", "образец") or ()
    value = given.column("value", "y", "result", "значение", wanted="the values in the order of measurement")
    kept, remarks = complete({"value": value, "sequence": labels}, least=LEAST)
    return plan, CarryOverData(kept["value"], tuple(map(_is_high, kept["sequence"])), remarks)


def _is_high(label: str) -> bool:
    word = label.casefold().rstrip("0123456789 -_")
    if word not in HIGH | LOW:
        raise Unusable(NOT_TEXT, field="sequence", found=repr(label), known="H, L")
    return word in HIGH


def carry_over(plan: CarryOverPlan, data: CarryOverData) -> Study:
    """Both measures; the low specimens decide by three SDs, or by what the plan allows."""
    values = np.asarray(data.values)
    high = np.asarray(data.is_high)
    after_high, after_low = values[1:][~high[1:] & high[:-1]], values[1:][~high[1:] & ~high[:-1]]
    if not len(after_high):
        raise Unusable(NO_RUN)
    if float(values[high].mean()) <= float(values[~high].mean()):
        raise Unusable(NO_CONTRAST)
    each = _ratios(data.values, data.is_high)
    several = len(after_low) > 1
    base = float(after_low.mean()) if len(after_low) else None
    sd = float(after_low.std(ddof=1)) if several else None
    found = CarryOver(
        len(values), len(each), float(np.mean(each)) if each else None, each, float(values[high].mean()),
        base,
        float(after_high.mean()), None if base is None else float(after_high.mean()) - base, sd,
        None if sd is None else SDS * sd,
    )  # fmt: skip
    return decided(
        "carry-over",
        found,
        _criteria(plan, found),
        fields="allowable_carry_over_percent",
        remarks=data.remarks,
    )


def _ratios(values: Sequence[float], is_high: Sequence[bool]) -> tuple[float, ...]:
    """Broughton's ratio of every run of three high and three low specimens, in percent."""
    wanted = (True,) * RUN + (False,) * RUN
    found = []
    for start in range(len(values) - LEAST + 1):
        if tuple(is_high[start : start + LEAST]) == wanted:
            _, _, third_high, first_low, _, third_low = values[start : start + LEAST]
            if third_high != third_low:
                found.append(100 * (first_low - third_low) / (third_high - third_low))
    return tuple(found)


def _criteria(plan: CarryOverPlan, found: CarryOver) -> list[Criterion]:
    criteria = []
    if plan.percent is not None and found.carry_over_percent is not None:
        criteria.append(at_most(reason(OF_PERCENT), found.carry_over_percent, plan.percent))
    if plan.difference is not None and found.difference is not None:
        criteria.append(at_most(reason(OF_ALLOWABLE), found.difference, plan.difference))
    if not criteria and found.difference is not None and found.limit is not None:
        criteria.append(at_most(reason(OF_DIFFERENCE), found.difference, found.limit))
    return criteria

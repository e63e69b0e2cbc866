"""Equivalence ("localisation") of another supplier's reagent or analyzer: all its studies, one decision.

Source: CLSI EP09c for the comparison; Schuirmann, J Pharmacokinet Biopharm 1987;15:657 (two one-sided
tests: the 90 % interval of the
mean difference within the limits); ISO 15189:2022, 6.6.3 (acceptance of reagents) and 7.3.2 (verification).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aliquot.oversight.studies.rules.agreement import AgreementPlan, Pairs, agreement
from aliquot.oversight.studies.rules.comparison import (
    ComparisonData,
    ComparisonPlan,
    compare,
    read_comparison,
)
from aliquot.oversight.studies.rules.findings import Reason, Study, Unusable, decided, reason
from aliquot.oversight.studies.rules.given import LACKS, Given, given
from aliquot.oversight.studies.rules.kinds import SINGLE

INHERITED = (
    "allowable_bias", "allowable_bias_percent", "allowable_cv", "tea", "tea_percent", "decision_levels",
    "alpha",
    "allowable_repeatability_cv", "bias_share",
)  # fmt: skip
TWO_ONE_SIDED = 0.10
SUPPLIER = ("name", "product", "registration", "valid_until")

NO_LIMIT = "%(part)s has no criterion of its own and decides nothing; state %(fields)s."
EXPIRED = "The registration of what is on trial ended on %(day)s; it may not be taken into use with this one."
NO_SUPPLIER = "The record of supply lacks %(fields)s; add them before the reagent is taken into use."


@dataclass(frozen=True, slots=True)
class EquivalencePlan:
    """The plan of the comparison, which every equivalence has."""

    comparison: ComparisonPlan


@dataclass(frozen=True, slots=True)
class EquivalenceData:
    """The pairs, the finished further studies of the candidate, and the record of its supplier."""

    pairs: ComparisonData
    parts: tuple[Study, ...] = ()
    supplier: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What was compared and by which studies; their figures stand in the parts."""

    n: int
    studies: tuple[str, ...]
    decisions: Mapping[str, str]
    supplier: Mapping[str, str]


def read_equivalence(inputs: Given) -> tuple[EquivalencePlan, EquivalenceData]:
    """The comparison's inputs by themselves or under `comparison`.

    Further studies under their kinds' names.
    """
    shared = {name: inputs.take(name)[1] for name in INHERITED if inputs.has(name)}
    nested = {kind: _nested(inputs, kind, shared) for kind in SINGLE}
    compared = nested.pop("comparison") or inputs
    plan, pairs = read_comparison(compared)
    parts = [SINGLE[kind].judge(*SINGLE[kind].read(one)) for kind, one in nested.items() if one is not None]
    return EquivalencePlan(plan), EquivalenceData(pairs, tuple(parts), _supplier(inputs))


def _nested(inputs: Given, kind: str, shared: Mapping[str, Any]) -> Given | None:
    name, value = inputs.take(kind.replace("-", "_"))
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Unusable(LACKS, field=name, wanted=reason("the inputs of that study in braces"))
    return given({**shared, **value})


def _supplier(inputs: Given) -> dict[str, str] | None:
    _, value = inputs.take("supplier")
    if value is None:
        return None
    return (
        {str(key): str(one) for key, one in value.items()}
        if isinstance(value, dict)
        else {"name": str(value)}
    )


def equivalence(plan: EquivalencePlan, data: EquivalenceData) -> Study:
    """Accepted when the mean difference, the bias at the decision levels, and all further studies are."""
    compared = compare(plan.comparison, data.pairs)
    judging = AgreementPlan(alpha=TWO_ONE_SIDED, is_reversed=True, bias=plan.comparison.allowable)
    difference = agreement(judging, Pairs(data.pairs.x, data.pairs.y))
    parts = (difference, compared, *data.parts)
    stated = [one for one in parts if one.criteria]
    figures = Equivalence(
        len(data.pairs.x), tuple(one.kind for one in parts), {one.kind: str(one.decision) for one in parts},
        data.supplier or {},
    )  # fmt: skip
    study = decided(
        "equivalence", figures, [], fields="allowable_bias", parts=stated, remarks=_remarks(data, parts)
    )
    return replace(study, parts=parts)


def _day(iso: str) -> str:
    """A day as both languages of the report write it: 2026-01-31 is 31.01.2026."""
    return ".".join(reversed(iso.split("-")))


def _remarks(data: EquivalenceData, parts: Sequence[Study]) -> list[Reason]:
    notes = [reason(NO_LIMIT, part=one.kind, fields="allowable_bias") for one in parts if not one.criteria]
    lacking = [one for one in SUPPLIER if not (data.supplier or {}).get(one)]
    notes += [reason(NO_SUPPLIER, fields=", ".join(lacking))] if lacking else []
    until, today = ((data.supplier or {}).get(name, "") for name in ("valid_until", "today"))
    notes += [reason(EXPIRED, day=_day(until))] if until and today and until < today else []
    return [*notes, *(one for part in parts for one in part.remarks)]

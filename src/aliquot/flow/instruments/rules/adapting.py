"""A driver's layout with what a laboratory has added to it for one analyzer."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from aliquot.flow.instruments.rules.adaptation import Adaptation, Term, TermKind
from aliquot.flow.instruments.rules.layout import IndexLayout, Layout, Policy
from aliquot.flow.instruments.rules.layout_file.sections import NO_INDEX, POLICIES

Meaning = TypeVar("Meaning")


def adapted(layout: Layout, adaptation: Adaptation) -> Layout:
    """Return the layout with the laboratory's meanings; where both know a term, the laboratory's counts.

    A flag's meaning also serves an alarm of the same words. Codes are the business of the mapping.
    """
    units = _meanings(adaptation, "unit", _said)
    flags = _meanings(adaptation, "flag", _said)
    policies = _meanings(adaptation, "aspect", _policy)
    aspects = {term: one for term, one in policies.items() if one is not None}
    factors = {unit: one for unit, one in layout.unit_factors.items() if unit not in units}
    senders = [one.term for one in adaptation if one.kind == "sender"]
    return replace(
        layout,
        units={**layout.units, **units},
        unit_factors={**factors, **_meanings(adaptation, "unit", _factor)},
        flags={**layout.flags, **flags},
        alarms={**layout.alarms, **flags},
        statuses={**layout.statuses, **_meanings(adaptation, "status", _said)},
        aspects={**layout.aspects, **aspects},
        indices=_indices(layout.indices, adaptation),
        identity=replace(layout.identity, senders=(*layout.identity.senders, *senders)),
    )


def _indices(known: IndexLayout, adaptation: Adaptation) -> IndexLayout:
    """The indices with the laboratory's codes; a code that it calls none ("-") is an ordinary one again."""
    said = [one for one in adaptation if one.kind == "index"]
    if not said:
        return known
    codes = {**known.codes, **{one.term: one.meaning for one in said}}
    own = {one.term: one.factor for one in said if one.factor is not None}
    return replace(
        known,
        codes={code: index for code, index in codes.items() if index != NO_INDEX},
        code_factors={**known.code_factors, **own},
    )


def _meanings(
    adaptation: Adaptation, kind: TermKind, meaning: Callable[[Term], Meaning]
) -> dict[str, Meaning]:
    return {one.term: meaning(one) for one in adaptation if one.kind == kind}


def _said(term: Term) -> str:
    return term.meaning


def _factor(term: Term) -> Decimal:
    return term.factor if term.factor is not None else Decimal(1)


def _policy(term: Term) -> Policy | None:
    return next((one for one in POLICIES if one == term.meaning), None)

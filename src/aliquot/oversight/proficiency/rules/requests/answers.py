"""Which kind of question the inputs are, by their names, and who answers it."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from aliquot.oversight.proficiency.rules.requests import several, single
from aliquot.oversight.proficiency.rules.requests.fields import Fields, QuestionError

Answer = dict[str, Any]
Answering = tuple[Mapping[str, str], Callable[[Fields], Answer]]
_ROUND = {"participants", "entries", "lines", "rows"}
_SEVERAL: tuple[tuple[frozenset[str], Callable[[Fields], Answer]], ...] = (
    (frozenset({"participants"}), several.whole_round),
    (frozenset({"samples"}), several.homogeneity),
    (frozenset({"before", "after"}), several.stability),
    (frozenset({"deviations"}), several.pooled),
)


def answer(inputs: Mapping[str, Any]) -> Answer:
    """What the inputs ask for, recognised by their names; QuestionError names the field and the remedy.

    `unused` lists what was given and meant nothing to this kind.
    """
    if isinstance(inputs.get("inputs"), Mapping):
        inputs = inputs["inputs"]
    if not inputs:
        raise QuestionError(KNOWN)
    spellings, answering = _kind(inputs)
    fields = Fields(inputs, spellings)
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            found = answering(fields)
    except ArithmeticError as fault:
        raise QuestionError(EXTREME) from fault
    if any(isinstance(one, float) and not math.isfinite(one) for one in found.values()):
        raise QuestionError(EXTREME)
    return found | ({"unused": fields.unused} if fields.unused else {})


def _kind(inputs: Mapping[str, Any]) -> Answering:
    one, many = Fields(inputs, single.SPELLINGS), _names(inputs, several.SPELLINGS)
    for needed, answering in _SEVERAL:
        if needed <= many:
            return several.SPELLINGS, answering
    if "results" in one and not _is_numeric(one.raw("results")):
        return single.SPELLINGS, single.event
    if "events" in one:
        return single.SPELLINGS, single.events
    if "x" in many and isinstance(_first(inputs, several.SPELLINGS, "x"), list):
        return several.SPELLINGS, several.robust
    if "expected" in one and "x" in one:
        return single.SPELLINGS, single.agreement
    if "x" in one or "assigned" in one:
        return single.SPELLINGS, single.scored
    raise QuestionError(KNOWN)


def _names(inputs: Mapping[str, Any], spellings: Mapping[str, str]) -> set[str]:
    return {spellings.get(key, key) for key in inputs}


def _first(inputs: Mapping[str, Any], spellings: Mapping[str, str], name: str) -> Any:
    return next(value for key, value in inputs.items() if spellings.get(key, key) == name)


def _is_numeric(values: Any) -> bool:
    """Whether a list holds numbers to be averaged, not verdicts."""
    return isinstance(values, list) and any(
        isinstance(one, (int, float)) and not isinstance(one, bool) and one not in {0, 1} for one in values
    )


KNOWN = (
    "Nothing to score was found. Give x with assigned and sigma_pt; x, ref, U_lab_k2 and U_ref_k2; x, target"
    " and limit_abs or limit_pct; a list x for robust estimates; results or events for event scores;"
    " participants for a round; samples, or before and after, with sigma_pt for the material."
)
"""What can be asked, for whoever asked for something else."""
EXTREME = "The numbers are too large, or too close to 0, to compute with: check them and their units."

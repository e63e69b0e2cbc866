"""A finished study as plain values that are kept and said again in any language: decision, reasons, figures.

Source: ISO 15189:2022, 7.3.2 and 8.4 (what was found, by which criteria, and what was decided).
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from aliquot.oversight.studies.rules.findings import Criterion, Reason, Study, as_mapping
from aliquot.oversight.studies.rules.pictures import pictures


def record_of(study: Study) -> dict[str, Any]:
    """Decision, sentences with their gaps, criteria, figures by name, pictures as points and lines, parts."""
    return {
        "kind": study.kind,
        "decision": str(study.decision),
        "reasons": [as_tree(one) for one in study.reasons],
        "criteria": [_criterion(one) for one in study.criteria],
        "remarks": [as_tree(one) for one in study.remarks],
        "figures": as_mapping(study.figures),
        "pictures": pictures(study),
        "parts": [record_of(one) for one in study.parts],
    }


def as_tree(one: Reason) -> dict[str, Any]:
    """A sentence as plain values: its text and what stands in its gaps."""
    gaps = {name: as_tree(value) if isinstance(value, Reason) else value for name, value in one.values}
    return {"text": one.text, "values": gaps}


def said(
    tree: Mapping[str, Any], translated: Callable[[str], str], figure: Callable[[str], str] = str
) -> str:
    """A kept sentence as `translated` puts it; `figure` writes a number that stands in a gap."""
    gaps = {
        name: figure(one) if isinstance(one, str) else said(one, translated, figure)
        for name, one in tree["values"].items()
    }
    return translated(tree["text"]) % gaps


def _criterion(one: Criterion) -> dict[str, Any]:
    values = {"value": one.value, "limit": one.limit, "low": one.low, "high": one.high}
    finite = {
        name: value if value is not None and math.isfinite(value) else None for name, value in values.items()
    }
    return {"what": as_tree(one.what), "decision": str(one.decision), **finite}

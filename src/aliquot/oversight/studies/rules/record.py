"""A finished study as plain values that are kept and said again in any language: decision, reasons, figures.

Source: ISO 15189:2022, 7.3.2 and 8.4 (what was found, by which criteria, and what was decided).
"""

import math
from typing import Any

from aliquot.oversight.studies.rules.findings import Criterion, Study, as_mapping
from aliquot.oversight.studies.rules.pictures import pictures
from aliquot.oversight.studies.rules.saying import as_tree


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


def _criterion(one: Criterion) -> dict[str, Any]:
    values = {"value": one.value, "limit": one.limit, "low": one.low, "high": one.high}
    finite = {
        name: value if value is not None and math.isfinite(value) else None for name, value in values.items()
    }
    return {"what": as_tree(one.what), "decision": str(one.decision), **finite}

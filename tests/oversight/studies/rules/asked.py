"""Studies of plain inputs, as a file or a form gives them, and the shown cases."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from aliquot.oversight.studies.rules.evaluating import evaluate
from aliquot.oversight.studies.rules.findings import Study, Unusable, told
from aliquot.oversight.studies.rules.given import given

ORACLES = Path(__file__).resolve().parents[5] / "shared" / "oracles"
NEEDS_ORACLES = pytest.mark.skipif(not ORACLES.is_dir(), reason="the shared oracles are not at hand")


def ask(kind: str, **inputs: Any) -> Study:
    return evaluate(kind, given(inputs))


def figures(kind: str, **inputs: Any) -> dict[str, Any]:
    return told(ask(kind, **inputs))


def refusal(kind: str, **inputs: Any) -> str:
    with pytest.raises(Unusable) as fault:
        ask(kind, **inputs)
    return str(fault.value)


def remarks(kind: str, **inputs: Any) -> list[str]:
    return [one.message for one in ask(kind, **inputs).remarks]


def cases(topic: str) -> list[Any]:
    path = ORACLES / f"{topic}.json"
    found = json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []
    return [pytest.param(case, id=case["id"]) for case in found]


def near(found: Any, expected: Any, *, rel: float = 0.0, least: float = 0.0) -> bool:
    """Whether numbers, and lists of them, agree within a share or a distance; all else is equal."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            near(a, b, rel=rel, least=least) for a, b in zip(found, expected, strict=True)
        )
    if isinstance(expected, bool) or not isinstance(expected, (int, float)):
        return bool(found == expected)
    return math.isclose(found, expected, rel_tol=rel, abs_tol=least)

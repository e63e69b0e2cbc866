"""Studies as tests need them: who plans and who signs, plans and files that a person would make."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.oversight.studies.actions import (
    Planned,
    Signature,
    digest_to_sign,
    plan_study,
    sign_study,
    upload_data,
)
from aliquot.oversight.studies.jobs import run_evaluation
from aliquot.oversight.studies.models import EvaluationStudy
from aliquot.registers.catalogue.models import Test
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.factories import NOW
from tests.regions import Region, one_with

PLANS: Mapping[str, Mapping[str, str]] = {
    "comparison": {"allowable_bias_percent": "5", "decision_levels": "5; 7; 11"},
    "equivalence": {"allowable_bias_percent": "5", "decision_levels": "5; 7; 11"},
    "bland-altman": {"allowable_bias": "0,5"},
    "lot": {"critical_difference_percent": "6"},
    "precision": {"allowable_cv": "4"},
}


def made_pairs(count: int = 40, *, factor: float = 1.02) -> list[tuple[float, float]]:
    """Pairs from 3 to 18 mmol/L with a known proportional bias and small errors; the same at every call."""
    chance = random.Random(7)
    levels = [round(3 + 15 * place / count, 2) for place in range(count)]
    return [(one, round(one * factor + chance.gauss(0, 0.08), 2)) for one in levels]


def pairs_file(count: int = 40, *, factor: float = 1.02, names: str = "x;y") -> bytes:
    """A CSV file of pairs as a Russian spreadsheet writes it."""
    lines = [names, *(f"{a};{b}".replace(".", ",") for a, b in made_pairs(count, factor=factor))]
    return "\r\n".join(lines).encode("cp1251")


def planner(region: Region) -> Actor:
    """The hub's technologist."""
    return one_with(region, "technologist", region.hub)


def signer(region: Region) -> Actor:
    """The hub's laboratory doctor."""
    return one_with(region, "laboratory_doctor", region.hub)


def planned(kind: str = "comparison", **changes: Any) -> Planned:
    glucose = Test.objects.get(code="GLUS")
    basis = Planned(kind, "New analyzer for glucose", PLANS.get(kind, {}), test=glucose)
    return replace(basis, **changes)


def make_study(region: Region, kind: str = "comparison", **changes: Any) -> EvaluationStudy:
    """A planned study of the hub."""
    by = planner(region)
    with acting(by):
        return plan_study(region.hub, planned(kind, **changes), by=by, at=NOW)


def give(
    region: Region, study: EvaluationStudy, content: bytes | None = None, name: str = "pairs.csv"
) -> None:
    """Upload a file, and evaluate it as the process beside would."""
    by = planner(region)
    with acting(by):
        upload_data(study, name, pairs_file() if content is None else content, by=by, at=NOW)
    assert run_evaluation(study.pk)
    with acting(by):
        study.refresh_from_db()


def sign(region: Region, study: EvaluationStudy, **changes: Any) -> EvaluationStudy:
    """The laboratory doctor reads a study and signs it."""
    by = signer(region)
    with acting(by):
        study.refresh_from_db()
        given = {
            "meaning": "Fit for use",
            "read": digest_to_sign(study),
            "password": DEMO_PASSWORD,
            **changes,
        }
        password = given.pop("password")
        return sign_study(study, Signature(**given), password=password, by=by, at=NOW)

"""Studies are evaluated in processes of their own: SciPy is not loaded where pages and results live."""

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from aliquot.foundation.beside import begin_beside
from aliquot.foundation.context import acting
from aliquot.oversight.studies.actions import fail_evaluation, keep_evaluation, start_evaluation
from aliquot.oversight.studies.models import EvaluationStudy, SupplyRecord
from aliquot.oversight.studies.queries import latest_data, supply_of
from aliquot.oversight.studies.rules.findings import Unusable, reason
from aliquot.oversight.studies.rules.given import Given
from aliquot.oversight.studies.rules.outline import inputs_of
from aliquot.oversight.studies.rules.saying import as_tree
from aliquot.oversight.studies.rules.tables import read_table
from aliquot.registers.people.sign_in import laboratories_actor

logger = logging.getLogger(__name__)
BROKEN = gettext_noop("The program failed on these data: %(fault)s. Tell who looks after it.")


def begin_evaluations(keys: list[int], at: datetime) -> None:  # noqa: ARG001 - every job takes when
    """A process for each study that was given data."""
    waiting = EvaluationStudy.objects.filter(pk__in=keys, state=EvaluationStudy.State.QUEUED)
    for key in waiting.values_list("pk", flat=True):
        begin_beside("evaluate-study", str(key))


def run_evaluation(key: int) -> bool:
    """Evaluate a study and keep what was found, or why that cannot be; whether it waited for it."""
    program = laboratories_actor("evaluation")
    with acting(program, reason="evaluation"):
        study = EvaluationStudy.objects.get(pk=key)
        if not start_evaluation(study, by=program, at=timezone.now()):
            return False
        inputs = _inputs(study)
    record, fault = _evaluated(study.kind, inputs)
    with acting(program, reason="evaluation"):
        if fault is None:
            keep_evaluation(study, record, by=program, at=timezone.now())
        else:
            fail_evaluation(study, fault, by=program, at=timezone.now())
    return True


def _evaluated(kind: str, inputs: Given) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What was found, and nothing; or the sentence that says why nothing was."""
    from aliquot.oversight.studies.rules.evaluating import evaluate  # SciPy: never in the worker
    from aliquot.oversight.studies.rules.record import record_of

    try:
        return record_of(evaluate(kind, inputs)), None
    except Unusable as fault:
        return {}, as_tree(fault.reason)
    except Exception as fault:
        logger.exception("the evaluation of a study of %s failed", kind)
        return {}, as_tree(reason(BROKEN, fault=f"{type(fault).__name__}: {fault}"))


def _inputs(study: EvaluationStudy) -> Given:
    data = latest_data(study.pk)
    assert data is not None, "a study waits only when it was given data"
    found = inputs_of(read_table(data.name, bytes(data.content)), study.plan)
    if study.kind != "equivalence":
        return found
    supply = supply_of(study.pk).get(SupplyRecord.Role.CANDIDATE)
    if supply is None:
        return found
    today = study.laboratory.day_of(timezone.now()).isoformat()
    return Given({**found.values, "supplier": {**_supplier(supply), "today": today}}, found.places)


def _supplier(supply: SupplyRecord) -> dict[str, str]:
    """The record of supply as a study of equivalence reads it."""
    facts = {
        "name": supply.supplier,
        "product": supply.product,
        "lot": supply.lot,
        "registration": supply.registration,
        "valid_until": supply.valid_until.isoformat() if supply.valid_until else "",
    }
    return {name: value for name, value in facts.items() if value}

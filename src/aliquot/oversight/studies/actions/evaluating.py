"""The program evaluates a study by the same rules as the command line, in a process beside the pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aliquot.foundation.actors import Actor
from aliquot.oversight.studies.models import EvaluationStudy

State = EvaluationStudy.State


def start_evaluation(study: EvaluationStudy, *, by: Actor, at: datetime) -> bool:  # noqa: ARG001 - every action says who
    """Take the evaluation for this process; whether it was free."""
    free = EvaluationStudy.objects.filter(pk=study.pk, state=State.QUEUED)
    return bool(free.update(state=State.RUNNING, beat_at=at))


def keep_evaluation(
    study: EvaluationStudy,
    record: Mapping[str, Any],
    *,
    by: Actor,  # noqa: ARG001 - every action says who
    at: datetime,
) -> bool:
    """Keep what was found, in the form of `record_of`; whether the evaluation was still awaited."""
    running = EvaluationStudy.objects.filter(pk=study.pk, state=State.RUNNING)
    return bool(running.update(state=State.EVALUATED, record=dict(record), evaluated_at=at))


def fail_evaluation(study: EvaluationStudy, fault: Mapping[str, Any], *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who and when
    """Keep why the data cannot be used: a sentence with its gaps, in the form of `as_tree`."""
    running = EvaluationStudy.objects.filter(pk=study.pk, state=State.RUNNING)
    running.update(state=State.UNUSABLE, fault=dict(fault))

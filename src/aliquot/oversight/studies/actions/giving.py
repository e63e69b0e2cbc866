"""Data come to a study: a file as it is, or what analyzers measured. They are kept, then evaluated aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events
from aliquot.oversight.studies.actions.planning import change, outline_of, require_right, sentence
from aliquot.oversight.studies.models import EvaluationStudy, StudyData
from aliquot.oversight.studies.queries import Stretch, controls_measured, pairs_measured
from aliquot.oversight.studies.rules.findings import Unusable
from aliquot.oversight.studies.rules.outline import CONTROLS, PAIRS, as_csv, read_data
from aliquot.oversight.studies.rules.tables import read_table
from aliquot.registers.patients.actions import note_access

State = EvaluationStudy.State
EVENT = "study_given"
OPEN = (State.PLANNED, State.UNUSABLE, State.EVALUATED)
SILENT = timedelta(minutes=5)
"""An evaluation that has not ended by then never will: data may be given again."""
MOST_BYTES = 5_000_000
LEAST = 3


@dataclass(frozen=True, slots=True)
class Gathered:
    """What to gather: from when to before when; only these tubes, or lots of control, where any are named."""

    since: datetime
    until: datetime
    named: Sequence[str] = ()


def upload_data(study: EvaluationStudy, name: str, content: bytes, *, by: Actor, at: datetime) -> StudyData:
    """Keep a CSV or XLSX file as it is and have it evaluated; records "study_given".

    Refused, naming the cell and the remedy, for what is no table, a cell that is no number, and a file that
    states another plan.
    """
    require_right(study.laboratory_id, "run_study", by)
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than 5 MB. Leave out what is no part of the study."))
    rows = _rows(study, name, content)
    data = StudyData(origin=StudyData.Origin.FILE, name=name, content=content, rows=rows)
    return _keep(study, data, by=by, at=at)


def gather_data(study: EvaluationStudy, gathered: Gathered, *, by: Actor, at: datetime) -> StudyData:
    """Keep what the study's analyzers measured in a time as a table and have it evaluated.

    Pairs of the same tubes for comparisons and lots, control results for precision and uncertainty. Patients
    whose tubes are read are noted as looked at. Refused when there is too little.
    """
    require_right(study.laboratory_id, "run_study", by)
    _require_stretch(study, gathered)
    way = outline_of(study.kind).gathers
    content = {PAIRS: _pairs, CONTROLS: _controls}[way](study, gathered, by, at).encode()
    named = f"{study.kind}-{study.number}-{study.version}.csv"
    asked = {
        "since": gathered.since.isoformat(),
        "until": gathered.until.isoformat(),
        "named": list(gathered.named),
        "analyzers": [one.code for one in (study.compared, study.analyzer) if one is not None],
    }
    rows = _rows(study, named, content)
    data = StudyData(origin=StudyData.Origin.ANALYZERS, name=named, content=content, rows=rows, asked=asked)
    return _keep(study, data, by=by, at=at)


def await_evaluation(study: EvaluationStudy, *states: str, at: datetime) -> None:
    """Have the data that were given last evaluated, from one of these states; records "study_given"."""
    change(study, *states, state=State.QUEUED, fault=None, record=None, evaluated_at=None, beat_at=at)
    record_events(EVENT, [study.pk], at=at)


def is_silent(study: EvaluationStudy, at: datetime) -> bool:
    """Whether an evaluation has been awaited for so long that its process must have ended."""
    waits = study.state in {State.QUEUED, State.RUNNING}
    return waits and (study.beat_at is None or at - study.beat_at > SILENT)


def _rows(study: EvaluationStudy, name: str, content: bytes) -> int:
    try:
        return read_data(outline_of(study.kind), read_table(name, content), study.plan)
    except Unusable as fault:
        raise Refused(sentence(fault), fields={"file": sentence(fault)}) from fault


def _keep(study: EvaluationStudy, data: StudyData, *, by: Actor, at: datetime) -> StudyData:
    with transaction.atomic():
        states = (*OPEN, State.QUEUED, State.RUNNING) if is_silent(study, at) else OPEN
        await_evaluation(study, *states, at=at)
        data.study, data.laboratory_id = study, study.laboratory_id
        data.digest = sha256(data.content).hexdigest()
        data.at, data.by = at, by.key
        data.save(force_insert=True)
    return data


def _require_stretch(study: EvaluationStudy, gathered: Gathered) -> None:
    if not outline_of(study.kind).gathers:
        raise Refused(_("Data of this kind of study come from a file."))
    if study.test_id is None or study.analyzer_id is None:
        raise Refused(_("The plan names no test or no analyzer to gather from. Upload a file."))
    if gathered.until <= gathered.since:
        words = _("The end lies before the beginning.")
        raise Refused(words, fields={"until": words})


def _stretch(study: EvaluationStudy, gathered: Gathered) -> Stretch:
    return Stretch(study.laboratory_id, study.test_id or 0, gathered.since, gathered.until)


def _pairs(study: EvaluationStudy, gathered: Gathered, by: Actor, at: datetime) -> str:
    on_trial = study.analyzer_id or 0
    found = pairs_measured(
        _stretch(study, gathered), study.compared_id or on_trial, on_trial, tubes=gathered.named
    )
    if len(found) < LEAST:
        raise Refused(
            _("%(count)d tubes were measured twice in this time; at least 3 are needed. Take a longer time.")
            % {"count": len(found)}
        )
    note_access({one.patient_id for one in found}, "study: pairs of tubes", by=by, at=at)
    names = ("current", "candidate") if study.kind == "lot" else ("x", "y")
    rows = [(one.tube, one.measured_at.isoformat(), _text(one.first), _text(one.second)) for one in found]
    return as_csv(("tube", "measured_at", *names), rows)


def _controls(study: EvaluationStudy, gathered: Gathered, _by: Actor, _at: datetime) -> str:
    found = controls_measured(_stretch(study, gathered), study.analyzer_id or 0, lots=gathered.named)
    if len(found) < LEAST:
        raise Refused(
            _("%(count)d control results lie in this time; at least 3 are needed. Take a longer time.")
            % {"count": len(found)}
        )
    if study.kind == "uncertainty":
        of_control = [
            (one.measured_at.isoformat(), f"{one.material} {one.level}", one.lot, _text(one.value))
            for one in found
        ]
        return as_csv(("measured_at", "level", "lot", "value"), of_control)
    rows = [
        (
            one.measured_at.isoformat(),
            one.day.isoformat(),
            f"{one.material} {one.lot} {one.level}",
            _text(one.value),
        )
        for one in found
    ]
    return as_csv(("measured_at", "day", "level", "y"), rows)


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"

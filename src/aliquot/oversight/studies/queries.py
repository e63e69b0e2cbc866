"""What others may ask about studies: of a laboratory, their data, measured pairs and controls, suppliers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db.models import QuerySet

from aliquot.flow.specimens.models import Specimen
from aliquot.foundation import sql_files
from aliquot.oversight.studies.models import EvaluationStudy, StudyData, StudyDocument, SupplyRecord
from aliquot.oversight.studies.rules.tables import read_table

SQL = Path(__file__).parent / "sql"
MOST = 5_000


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """A tube measured twice, in the unit of the catalogue."""

    tube: str
    patient_id: int
    measured_at: datetime
    first: Decimal
    second: Decimal


@dataclass(frozen=True, slots=True)
class MeasuredControl:
    """A counted value of a control."""

    day: date
    run: int
    material: str
    level: int
    lot: str
    measured_at: datetime
    value: Decimal


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of which laboratory and test, from when to before when."""

    laboratory_id: int
    test_id: int
    since: datetime
    until: datetime


def studies_of(laboratory_id: int, *, limit: int = 200) -> QuerySet[EvaluationStudy]:
    """The studies of a laboratory, the newest first, without what was found in full."""
    found = EvaluationStudy.objects.filter(laboratory_id=laboratory_id).select_related("test", "successor")
    return found.defer("content").order_by("-planned_at", "-id")[:limit]


def studies_seen() -> QuerySet[EvaluationStudy]:
    """Every study that one may see, with what its page names."""
    related = ("laboratory", "test", "analyzer", "compared", "supersedes", "successor")
    return EvaluationStudy.objects.select_related(*related)


def latest_data(study_id: int) -> StudyData | None:
    """The data that count: those given last."""
    return StudyData.objects.filter(study_id=study_id).order_by("-id").first()


def data_of(study_id: int) -> list[StudyData]:
    """Everything that was given to a study, the newest first, without the bytes."""
    return list(StudyData.objects.filter(study_id=study_id).defer("content").order_by("-id"))


def patients_in(data: StudyData) -> set[int]:
    """The patients whose tubes are named in the data of a study."""
    table = read_table(data.name, bytes(data.content))
    tubes = [one for one in table.values.get("tube", ()) if one]
    return set(Specimen.objects.filter(number__in=tubes).values_list("order__patient_id", flat=True))


def document_of(study_id: int, language: str) -> StudyDocument | None:
    """The signed report in a language."""
    return StudyDocument.objects.filter(study_id=study_id, language=language).first()


def supply_of(study_id: int) -> Mapping[str, SupplyRecord]:
    """The records of supply of a study by role: on trial, in use."""
    return {one.role: one for one in SupplyRecord.objects.filter(study_id=study_id)}


def beside(study: EvaluationStudy, *, limit: int = 50) -> list[EvaluationStudy]:
    """Other studies of the test on the analyzer on trial, of each the newest version; the newest first."""
    if study.analyzer_id is None or study.test_id is None:
        return []
    found = EvaluationStudy.objects.filter(
        laboratory_id=study.laboratory_id,
        test_id=study.test_id,
        analyzer_id=study.analyzer_id,
        successor=None,
    )
    found = found.exclude(pk=study.pk).exclude(kind="equivalence")
    found = found.exclude(state=EvaluationStudy.State.ABANDONED)
    return list(found.defer("content").order_by("-planned_at", "-id")[:limit])


def suppliers(laboratory_id: int, *, limit: int = 100) -> list[EvaluationStudy]:
    """Studies of localisation with their records of supply at hand, the newest first."""
    found = EvaluationStudy.objects.filter(
        laboratory_id=laboratory_id, kind="equivalence", supply__isnull=False
    )
    found = found.select_related("test").prefetch_related("supply").defer("content")
    return list(found.order_by("-planned_at", "-id").distinct()[:limit])


def pairs_measured(
    stretch: Stretch, first_id: int, second_id: int, *, tubes: Sequence[str] = (), most: int = MOST
) -> list[MeasuredPair]:
    """Tubes measured by both analyzers, oldest first; on one analyzer: first and last value of a tube.

    Left out is what was recalled, withdrawn, amended or refused, and what is no plain number ("<0.5").
    """
    return sql_files.fetch(
        MeasuredPair,
        SQL,
        "study_pairs",
        laboratory=stretch.laboratory_id,
        test=stretch.test_id,
        since=stretch.since,
        until=stretch.until,
        first=first_id,
        second=second_id,
        tubes=list(tubes) or None,
        most=most,
    )


def controls_measured(
    stretch: Stretch, analyzer_id: int, *, lots: Sequence[str] = (), most: int = MOST
) -> list[MeasuredControl]:
    """Counted values of controls on an analyzer, oldest first; of these lots, or of all."""
    return sql_files.fetch(
        MeasuredControl,
        SQL,
        "study_controls",
        laboratory=stretch.laboratory_id,
        test=stretch.test_id,
        since=stretch.since,
        until=stretch.until,
        analyzer=analyzer_id,
        lots=list(lots) or None,
        most=most,
    )

"""Indices of specimens: filed beside the results, never as one of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from aliquot.flow.instruments.actions.matching import Candidate
from aliquot.flow.instruments.rules.indices import LEVEL_UNITS
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class FiledIndex:
    """An index of a tube as it was filed; `order_id` is the order whose results may wait for it."""

    id: int
    specimen_id: int
    order_id: int


def file_indices(candidates: Sequence[Candidate], *, at: datetime) -> list[FiledIndex]:
    """Keep the indices of these filed readings, once for each reading, by one statement."""
    if not candidates:
        return []
    rows = orjson.dumps([_row(one, at) for one in candidates], default=str).decode()
    return sql_files.fetch(FiledIndex, SQL, "insert_indices", rows=rows)


def note_pending(indices: Collection[int]) -> None:
    """Leave it to a later batch to decide the results that wait for these indices."""
    if indices:
        sql_files.execute(SQL, "note_pending_indices", ids=sorted(indices))


def claim_pending(limit: int) -> list[int]:
    """The tubes of at most `limit` indices that were left, their orders held now; others wait on."""
    return [row[0] for row in sql_files.fetch_rows(SQL, "claim_pending_indices", limit=limit)]


def _row(one: Candidate, at: datetime) -> dict[str, Any]:
    reading, tube = one.reading, one.match.tube
    assert tube is not None
    return {
        "laboratory_id": one.message.laboratory_id,
        "specimen_id": tube.specimen_id,
        "analyzer_id": one.message.analyzer_id,
        "reading_id": one.id,
        "index": reading.index,
        "level": one.verdict.number,
        "comparator": reading.comparator,
        "grade": one.verdict.text,
        "unit": LEVEL_UNITS[reading.index],
        "measured_at": reading.measured_at or at,
    }

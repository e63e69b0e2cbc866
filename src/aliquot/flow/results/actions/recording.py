"""Readings become results that wait to be decided."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from aliquot.flow.instruments.actions import FiledReading, read_messages
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"
FLAG_MARK = "\x1f"
"""Stands between the flags of one result on their way into an array of arrays, which SQL cannot unnest."""


def record_readings(*, limit: int, by: Actor, at: datetime) -> int:
    """Read at most `limit` messages and keep what belongs to ordered tests as results; how many there were.

    The tubes' tests become measured. A constant number of statements serves the batch, in one transaction.
    """
    with transaction.atomic():
        readings = read_messages(limit=limit, by=by, at=at)
        return len(keep_results(readings, at=at)) if readings else 0


def keep_results(readings: Sequence[FiledReading], *, at: datetime) -> list[int]:
    """Ids of the new results, in the order of the readings; their tubes' tests are measured."""
    rows = sql_files.fetch_rows(
        SQL,
        "insert_results",
        at=at,
        ordering_sites=[one.ordering_site_id for one in readings],
        laboratories=[one.laboratory_id for one in readings],
        items=[one.order_item_id for one in readings],
        orders=[one.order_id for one in readings],
        specimens=[one.specimen_id for one in readings],
        patients=[one.patient_id for one in readings],
        tests=[one.test_id for one in readings],
        analyzers=[one.analyzer_id for one in readings],
        readings=[one.reading_id for one in readings],
        value_texts=[one.value_text for one in readings],
        values=[one.number for one in readings],
        comparators=[one.comparator for one in readings],
        units=[one.unit for one in readings],
        flags=[FLAG_MARK.join(one.flags) for one in readings],
        urgencies=[one.urgency for one in readings],
        measured=[one.measured_at for one in readings],
        collected=[one.collected_at for one in readings],
    )
    ids = [row[0] for row in rows]
    sql_files.execute(SQL, "measure_tests", ids=ids)
    return ids

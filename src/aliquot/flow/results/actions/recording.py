"""Readings become results: decided at once by the rules, or left to be decided."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction

from aliquot.flow.instruments.actions import FiledReading, read_messages
from aliquot.flow.results.actions.deciding import (
    HELD,
    RELEASED,
    gather_evidence,
    note_decided,
    reasons_json,
)
from aliquot.flow.results.models import Result
from aliquot.flow.results.rules.autoverification import Verdict, decide
from aliquot.flow.results.rules.evidence import Evidence
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"
RECORDED = Result.State.RECORDED.value
FLAG_MARK = "\x1f"
"""Stands between the flags of one result on their way into an array of arrays, which SQL cannot unnest."""


def file_readings(*, limit: int, by: Actor, at: datetime) -> int:
    """Read at most `limit` messages, decide and keep what belongs to ordered tests; how many results.

    One transaction and a constant number of statements. A result whose order somebody else holds, or whose
    test is measured twice in the batch, is only recorded: `autoverify_batch` decides it next.
    """
    by.require("release_result")
    with transaction.atomic():
        readings = read_messages(limit=limit, by=by, at=at)
        if not readings:
            return 0
        now, later = _decidable(readings)
        if now:
            _keep_decided(now, by=by, at=at)
        if later:
            keep_results(later, at=at)
        return len(readings)


def record_readings(*, limit: int, by: Actor, at: datetime) -> int:
    """Read at most `limit` messages and keep what belongs to ordered tests as results; how many there were.

    The tubes' tests become measured. A constant number of statements serves the batch, in one transaction.
    """
    with transaction.atomic():
        readings = read_messages(limit=limit, by=by, at=at)
        return len(keep_results(readings, at=at)) if readings else 0


def keep_results(readings: Sequence[FiledReading], *, at: datetime) -> list[int]:
    """Ids of the new results, in the order of the readings; their tubes' tests are measured."""
    count = len(readings)
    return _insert(
        readings,
        at=at,
        by="",
        states=[RECORDED] * count,
        result_flags=[""] * count,
        lows=[None] * count,
        highs=[None] * count,
        reasons=["[]"] * count,
    )


def _decidable(readings: Sequence[FiledReading]) -> tuple[list[FiledReading], list[FiledReading]]:
    """Readings whose order is held by this transaction now and whose test comes once; and the others."""
    orders = list({one.order_id for one in readings})
    held = {row[0] for row in sql_files.fetch_rows(SQL, "hold_free_orders", orders=orders)}
    times = Counter(one.order_item_id for one in readings)
    now = [one for one in readings if one.order_id in held and times[one.order_item_id] == 1]
    later = [one for one in readings if one.order_id not in held or times[one.order_item_id] > 1]
    return now, later


def _keep_decided(readings: Sequence[FiledReading], *, by: Actor, at: datetime) -> None:
    gathered = gather_evidence(given=orjson.dumps([_given(one, at) for one in readings]).decode())
    verdicts = [decide(one) for one in gathered]
    ids = _insert(readings, at=at, by=by.key, **_decided(gathered, verdicts))
    note_decided(list(zip(ids, gathered, verdicts, strict=True)), at=at)


def _given(one: FiledReading, at: datetime) -> dict[str, Any]:
    """The columns of a result that its evidence is gathered by."""
    return {
        "laboratory_id": one.laboratory_id,
        "order_item_id": one.order_item_id,
        "order_id": one.order_id,
        "specimen_id": one.specimen_id,
        "patient_id": one.patient_id,
        "test_id": one.test_id,
        "analyzer_id": one.analyzer_id,
        "value": None if one.number is None else str(one.number),
        "value_text": one.value_text,
        "comparator": one.comparator,
        "unit": one.unit,
        "analyzer_flags": one.flags,
        "urgency": one.urgency,
        "measured_at": one.measured_at,
        "collected_at": one.collected_at,
        "recorded_at": at,
    }


def _decided(gathered: Sequence[Evidence], verdicts: Sequence[Verdict]) -> dict[str, list[Any]]:
    return {
        "states": [RELEASED if one.release else HELD for one in verdicts],
        "result_flags": [one.flag for one in verdicts],
        "lows": [one.low for one in gathered],
        "highs": [one.high for one in gathered],
        "reasons": [reasons_json(one) for one in verdicts],
    }


def _insert(readings: Sequence[FiledReading], *, at: datetime, by: str, **decided: Any) -> list[int]:
    rows = sql_files.fetch_rows(
        SQL,
        "insert_results",
        at=at,
        by=by,
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
        **decided,
    )
    ids = [row[0] for row in rows]
    sql_files.execute(SQL, "measure_tests", ids=ids)
    return ids

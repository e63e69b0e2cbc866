"""Readings become results: decided at once by the rules, or left to be decided."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction

from aliquot.flow.instruments.actions import FiledReading, read_batch
from aliquot.flow.quality.actions import file_controls
from aliquot.flow.results.actions.deciding import Decided, decided_columns, note_decided
from aliquot.flow.results.actions.following import follow_indices
from aliquot.flow.results.actions.joining import join_look_backs
from aliquot.flow.results.actions.rerunning import outcomes_of
from aliquot.flow.results.actions.watching import watch_decided
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import gather_evidence, months_of_orders
from aliquot.flow.verification.queries import book_for_release
from aliquot.flow.verification.rules.decision import decide
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"
RECORDED = Result.State.RECORDED.value
UNDECIDED = {"state": RECORDED, "flag": "", "low": None, "high": None, "reasons": ()}


def file_readings(*, limit: int, by: Actor, at: datetime) -> int:
    """Read at most `limit` messages, decide and keep what belongs to ordered tests; how many readings.

    One transaction and a constant number of statements. A result whose order somebody else holds, or whose
    test is measured twice in the batch, is only recorded: `autoverify_batch` decides it next. Results that
    waited for an index that came now are decided again. Controls come first: what they stop is not released.
    """
    by.require("release_result")
    with transaction.atomic():
        batch = read_batch(limit=limit, by=by, at=at)
        if not batch:
            return 0
        file_controls(batch.controls, by=by, at=at)
        held = _held_orders(batch.orders)
        now, later = _decidable(batch.readings, held)
        decided = _keep_decided(now, by=by, at=at) if now else []
        if later:
            keep_results(later, at=at)
        follow_indices(batch.indices, held, by=by, at=at)
        watch_decided(decided, by=by, at=at)
        return len(batch)


def keep_results(readings: Sequence[FiledReading], *, at: datetime) -> list[int]:
    """Ids of the new results, in the order of the readings; their tubes' tests are measured."""
    return _insert([{**_columns(one), **UNDECIDED} for one in readings], by="", at=at)


def _held_orders(orders: Collection[int]) -> set[int]:
    """Those of these orders that this transaction holds from now on."""
    return {row[0] for row in sql_files.fetch_rows(SQL, "hold_free_orders", orders=list(orders))}


def _decidable(
    readings: Sequence[FiledReading], held: Collection[int]
) -> tuple[list[FiledReading], list[FiledReading]]:
    """Readings whose order is held by this transaction now and whose test comes once; and the others."""
    times = Counter(one.order_item_id for one in readings)
    now = [one for one in readings if one.order_id in held and times[one.order_item_id] == 1]
    later = [one for one in readings if one.order_id not in held or times[one.order_item_id] > 1]
    return now, later


def _keep_decided(readings: Sequence[FiledReading], *, by: Actor, at: datetime) -> list[Evidence]:
    rows = [_columns(one) for one in readings]
    book = book_for_release(at)
    gathered = gather_evidence(book, given=[{**row, "recorded_at": at} for row in rows])
    verdicts = [decide(one, book) for one in gathered]
    outcomes = join_look_backs(gathered, outcomes_of(gathered, verdicts), at=at)
    decided = [
        {**row, "run": one.run, **decided_columns(verdict, outcome)}
        for row, one, verdict, outcome in zip(rows, gathered, verdicts, outcomes, strict=True)
    ]
    ids = _insert(decided, by=by.key, at=at)
    kept = [Decided(*one) for one in zip(ids, gathered, verdicts, outcomes, strict=True)]
    note_decided(kept, book, by=by, at=at)
    return gathered


def _columns(one: FiledReading) -> dict[str, Any]:
    """What a result takes over from its reading, by column."""
    return {
        "ordering_site_id": one.ordering_site_id,
        "laboratory_id": one.laboratory_id,
        "order_item_id": one.order_item_id,
        "order_id": one.order_id,
        "specimen_id": one.specimen_id,
        "patient_id": one.patient_id,
        "test_id": one.test_id,
        "analyzer_id": one.analyzer_id,
        "reading_id": one.reading_id,
        "value_text": one.value_text,
        "value": one.number,
        "comparator": one.comparator,
        "unit": one.unit,
        "analyzer_flags": one.flags,
        "urgency": one.urgency,
        "measured_at": one.measured_at,
        "collected_at": one.collected_at,
        "dilution": one.dilution,
    }


def _insert(rows: Sequence[dict[str, Any]], *, by: str, at: datetime) -> list[int]:
    months = months_of_orders({row["order_id"] for row in rows})
    kept = sql_files.send_rows(
        SQL, "insert_results", rows=_json(rows), since=months.since, until=months.until, by=by, at=at
    )
    sql_files.send(
        SQL,
        "measure_tests",
        specimens=[row["specimen_id"] for row in rows],
        tests=[row["test_id"] for row in rows],
        items=[row["order_item_id"] for row in rows],
    )
    return [row[0] for row in kept]


def _json(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as one parameter: far cheaper to write than an array for each column. Decimals stay exact."""
    return orjson.dumps(rows, default=str).decode()

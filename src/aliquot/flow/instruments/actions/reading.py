"""Read what analyzers sent: bytes to readings, readings to ordered tests; set by set, never row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from traceback import format_exception_only
from typing import Any, TypeAlias

import orjson

from aliquot.flow.instruments.actions.controlling import ControlReading, controls_among
from aliquot.flow.instruments.actions.indexing import FiledIndex, file_indices
from aliquot.flow.instruments.actions.matching import (
    Candidate,
    Claimed,
    candidates_of,
    check_storable,
    match_candidates,
    safe_text,
    zone_of,
)
from aliquot.flow.instruments.actions.settling import settle_answers
from aliquot.flow.instruments.queries.drivers import adaptations_of, adapted_driver
from aliquot.flow.instruments.rules.adaptation import Adaptation
from aliquot.flow.instruments.rules.codes import spoken_dilution
from aliquot.flow.instruments.rules.matching import REPLAYED, Reason, number_text
from aliquot.flow.instruments.rules.reading import OrderAnswer, Understood
from aliquot.flow.instruments.rules.stages import stage_of
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.quick import quickly_made

SQL = Path(__file__).parent.parent / "sql"
FILED, DUPLICATE, QUARANTINED = "filed", "duplicate", "quarantined"

# specimen, test or index, analyzer, value, device time
Key: TypeAlias = tuple[int, int | None, str, int, str, datetime | None]


@quickly_made
@dataclass(frozen=True, slots=True)
class FiledReading:
    """A reading that belongs to an ordered test; `number` is in `unit`, rounded to `decimals`.

    `flags`: the driver's names, `message:<code>` of instrument messages, `status:<name>` of one not final,
    `unknown:<what>` of what was not understood. `dilution` as the analyzer says it, "" for none.
    """

    reading_id: int
    specimen_id: int
    order_item_id: int
    order_id: int
    patient_id: int
    test_id: int
    analyzer_id: int
    laboratory_id: int
    ordering_site_id: int
    value_text: str
    number: Decimal | None
    comparator: str
    unit: str
    flags: tuple[str, ...]
    measured_at: datetime | None
    collected_at: datetime | None
    urgency: str
    decimals: int | None
    dilution: str = ""


@dataclass(frozen=True, slots=True)
class _ClaimedReading:
    id: int
    message_id: int
    position: int
    is_replayed: bool
    assigned: str
    specimen_code: str
    code: str
    value: str
    laboratory_id: int
    analyzer_id: int
    driver: str
    time_zone: str
    content: bytes


@dataclass(slots=True)
class _Batch:
    """What one call works on: state and problems of each message; readings that are not found again."""

    candidates: list[Candidate] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    outcomes: dict[int, tuple[str, list[Reason]]] = field(default_factory=dict)
    answers: list[tuple[int, OrderAnswer]] = field(default_factory=list)  # with the analyzer's id
    adaptations: dict[int, Adaptation] = field(default_factory=dict)  # by analyzer


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """What a batch of messages held: readings of ordered tests, indices of specimens, control material."""

    readings: Sequence[FiledReading] = ()
    indices: Sequence[FiledIndex] = ()
    controls: Sequence[ControlReading] = ()

    def __len__(self) -> int:
        return len(self.readings) + len(self.indices) + len(self.controls)

    @property
    def orders(self) -> set[int]:
        """The orders that any of it belongs to."""
        return {one.order_id for one in self.readings} | {one.order_id for one in self.indices}


def read_messages(*, limit: int, by: Actor, at: datetime) -> list[FiledReading]:
    """The readings that belong to ordered tests, as `read_batch` finds them."""
    return list(read_batch(limit=limit, by=by, at=at).readings)


def read_batch(*, limit: int, by: Actor, at: datetime) -> ReadBatch:
    """Read at most `limit` messages in order of arrival: readings of ordered tests, indices of specimens.

    Everything else waits for a person with its reasons, or is kept: control material, aspects that are not
    reported, what the analyzer repeated. A message that cannot be read stops no other. A constant number of
    statements serves the whole batch; locked messages are left to the worker that holds them.
    """
    by.require("read_message")
    claimed = sql_files.fetch(Claimed, SQL, "claim_messages", limit=limit) + _claim_again(limit)
    if not claimed:
        return ReadBatch()
    batch = _Batch(adaptations=adaptations_of({one.analyzer_id for one in claimed}))
    for message in claimed:
        _understand(message, batch)
    match_candidates(batch.candidates)
    _set_repeated_apart(batch.candidates)
    _write_readings(batch.candidates)
    if batch.unreadable:
        sql_files.execute(SQL, "give_back_readings", ids=batch.unreadable)
    _write_messages(batch.outcomes)
    settle_answers(batch.answers, at=at)
    filed = [one for one in batch.candidates if one.state == FILED]
    indices = file_indices([one for one in filed if one.reading.index], at=at)
    controls = controls_among(batch.candidates)
    return ReadBatch([_filed(one) for one in filed if not one.reading.index], indices, controls)


def wake_workers() -> None:
    """Have what waits read at once, when this transaction commits."""
    sql_files.fetch_value(SQL, "notify_work")


def _claim_again(limit: int) -> list[Claimed]:
    """The messages of readings that a person sent to be matched again."""
    messages: dict[int, Claimed] = {}
    for one in sql_files.fetch(_ClaimedReading, SQL, "claim_readings", limit=limit):
        message = messages.get(one.message_id) or Claimed(
            one.message_id,
            one.laboratory_id,
            one.analyzer_id,
            one.driver,
            one.time_zone,
            one.content,
            again={},
        )
        messages[one.message_id] = message
        assert message.again is not None
        said = (one.specimen_code, one.code, one.value)
        message.again[one.position] = (one.id, one.assigned, one.is_replayed, said)
    return list(messages.values())


# -- understand ---------------------------------------------------------------------------------------


def _understand(message: Claimed, batch: _Batch) -> None:
    """Add the message's readings; whatever the driver does, the batch goes on."""
    if message.is_repeated:
        batch.outcomes[message.id] = (DUPLICATE, [])
        return
    try:
        driver = adapted_driver(message.driver, batch.adaptations.get(message.analyzer_id, ()))
        understood = driver.read(message.content, zone_of(message.time_zone))
        found = candidates_of(message, understood)
        check_storable(found)
    except Exception as fault:  # noqa: BLE001 - one message, whatever is wrong with it or its driver, waits alone
        found = []
        batch.outcomes[message.id] = (QUARANTINED, [_failure(fault)])
    else:
        batch.outcomes[message.id] = _outcome(understood, message)
        batch.answers += [(message.analyzer_id, one) for one in understood.answers]
    if message.again is None:
        batch.candidates += found
        return
    again = _again(message, found)
    batch.candidates += again
    lost = set(message.again) - {one.reading.position for one in again}
    batch.unreadable += [message.again[position][0] for position in lost]


def _again(message: Claimed, found: list[Candidate]) -> list[Candidate]:
    """Of a message read before: the readings to be matched again, at the tubes they were assigned to.

    One that says something else now is left out: what a person decided was decided of other words.
    """
    assert message.again is not None
    kept = []
    for one in found:
        reading = one.reading
        before = message.again.get(reading.position)
        if before and before[3] == (reading.specimen_code, reading.code, reading.value):
            one.id, assigned, one.is_replayed, _ = before
            one.tube = assigned or one.tube
            if one.is_replayed:
                one.flags.append(REPLAYED)
            kept.append(one)
    return kept


def _failure(fault: Exception) -> Reason:
    last = format_exception_only(fault)[-1].strip()
    return {"code": "driver_failed", "detail": safe_text(last)}


def _outcome(understood: Understood, message: Claimed) -> tuple[str, list[Reason]]:
    """Whether a message waits for a person: when something outside its readings was not understood."""
    is_empty = not (understood.readings or understood.queries or understood.answers)
    code = "unintelligible" if is_empty else "not_understood"
    problems = [
        {"code": code, "detail": safe_text(one.reason), "raw": safe_text(one.raw)}
        for one in understood.problems
        if one.position is None
    ]
    # the line answers only what asks and says nothing else; HL7 repeats our own question (QRD) beside results
    if understood.readings and understood.queries and not message.content.lstrip().startswith(b"MSH"):
        problems.append({"code": "not_understood", "detail": "a question among results was not answered"})
    marks: list[Reason] = [{"code": "number_reused"}] if message.is_number_reused else []
    return (QUARANTINED if problems else FILED), problems + marks


# -- repeated ----------------------------------------------------------------------------------------


def _set_repeated_apart(candidates: list[Candidate]) -> None:
    """Mark what is filed already or came earlier in this batch: same analyzer, tube, test, value, time.

    Another value for the same test is a rerun and is filed.
    """
    filed = [one for one in candidates if one.state == FILED]
    if not filed:
        return
    specimens = list({_key(one)[0] for one in filed})
    known: set[Key] = set(sql_files.fetch_rows(SQL, "filed_before", specimens=specimens))
    for one in filed:
        key = _key(one)
        if key in known and not one.is_replayed:
            one.state = DUPLICATE
        known.add(key)


def _key(one: Candidate) -> Key:
    assert one.match.tube is not None
    reading = one.reading
    return (
        one.match.tube.specimen_id,
        one.match.mapping.test_id if one.match.mapping else None,
        reading.index,
        one.message.analyzer_id,
        reading.value,
        reading.measured_at,
    )


# -- write --------------------------------------------------------------------------------------------


def _write_readings(candidates: list[Candidate]) -> None:
    new = [one for one in candidates if not one.id]
    rest = _insert(new)
    for one in rest:  # another worker has just filed the same
        one.state = DUPLICATE
    _insert(rest)
    again = [one for one in candidates if one.message.again is not None]
    if again:
        rows = orjson.dumps([_decision(one) for one in again]).decode()
        sql_files.execute(SQL, "update_readings", rows=rows)


def _insert(candidates: list[Candidate]) -> list[Candidate]:
    """Insert the readings by one statement and note their ids; return those another worker filed first."""
    if not candidates:
        return []
    rows = orjson.dumps([_row(one) for one in candidates]).decode()
    ids = {(row[0], row[1]): row[2] for row in sql_files.send_rows(SQL, "insert_readings", rows=rows)}
    for one in candidates:
        one.id = ids.get((one.message.id, one.reading.position), 0)
    return [one for one in candidates if not one.id]


def _row(one: Candidate) -> dict[str, Any]:
    reading = one.reading
    return {
        "laboratory_id": one.message.laboratory_id,
        "message_id": one.message.id,
        "analyzer_id": one.message.analyzer_id,
        "position": reading.position,
        "specimen_code": reading.specimen_code,
        "code": reading.code,
        "value": reading.value,
        "number": number_text(reading.number),
        "unit": reading.unit or reading.unit_raw,
        "flags": one.flags,
        "status": reading.status,
        "measured_at": reading.measured_at,
        **_decision(one),
    }


def _decision(one: Candidate) -> dict[str, Any]:
    match = one.match
    return {
        "id": one.id,
        "index": one.reading.index,
        "state": one.state,
        "stage": stage_of(match, one.state),
        "reason": one.verdict.reasons,
        "specimen_id": match.tube.specimen_id if match.tube else None,
        "test_id": match.mapping.test_id if match.mapping else None,
    }


def _write_messages(outcomes: dict[int, tuple[str, list[Reason]]]) -> None:
    sql_files.send(
        SQL,
        "update_messages",
        ids=list(outcomes),
        states=[state for state, _ in outcomes.values()],
        problems=[orjson.dumps(problems).decode() for _, problems in outcomes.values()],
    )


def _filed(one: Candidate) -> FiledReading:
    asked, mapping = one.match.asked, one.match.mapping
    assert asked is not None
    assert mapping is not None
    assert asked.order_item_id is not None
    return FiledReading(
        reading_id=one.id,
        specimen_id=asked.specimen_id,
        order_item_id=asked.order_item_id,
        order_id=asked.order_id,
        patient_id=asked.patient_id,
        test_id=mapping.test_id,
        analyzer_id=one.message.analyzer_id,
        laboratory_id=one.message.laboratory_id,
        ordering_site_id=asked.ordering_site_id,
        value_text=one.verdict.text,
        number=one.verdict.number,
        comparator=one.reading.comparator if one.verdict.number is not None else "",
        unit=mapping.test_unit,
        flags=tuple(one.flags),
        measured_at=one.reading.measured_at,
        collected_at=asked.collected_at,
        urgency=asked.urgency,
        decimals=mapping.decimals,
        dilution=spoken_dilution(one.reading.dilution),
    )

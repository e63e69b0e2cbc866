"""Keep what goes over the line, before it is acknowledged and before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from aliquot.flow.instruments.models import Message
from aliquot.flow.instruments.rules.heading import heading_of
from aliquot.flow.instruments.rules.reading import WorkOrder
from aliquot.flow.instruments.rules.traffic import Heard, pack
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"
RECEIVED, ASKED, SENT, QUARANTINED = (
    Message.State.RECEIVED.value,
    Message.State.ASKED.value,
    Message.State.SENT.value,
    Message.State.QUARANTINED.value,
)


@dataclass(frozen=True, slots=True)
class KeptTraffic:
    """A stretch of bytes as they went over one line, both ways; `content` as rules/traffic.py packs it."""

    laboratory_id: int
    analyzer_id: int
    connection: str
    began_at: datetime
    ended_at: datetime
    bytes_in: int
    bytes_out: int
    content: bytes


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """Bytes of one message with where they came from; `problems` as [{"code": ..., ...facts}].

    `traffic`: what went over the line since the message before, kept by the same statement. `control_id` and
    `device_at` as rules/heading.py reads them.
    """

    laboratory_id: int
    analyzer_id: int
    connection: str
    content: bytes
    received_at: datetime
    is_outgoing: bool = False
    state: str = RECEIVED
    problems: tuple[dict[str, Any], ...] = ()
    control_id: str = ""
    device_at: datetime | None = None
    traffic: KeptTraffic | None = None
    request_id: int | None = None


def stretch_of(
    laboratory_id: int, analyzer_id: int, connection: str, heard: Sequence[Heard], clock_offset: float
) -> KeptTraffic | None:
    """The stretch that these reads and writes make, None of nothing.

    `clock_offset`: seconds from the clock of `heard` to the epoch.
    """
    if not heard:
        return None
    began, ended = (datetime.fromtimestamp(one[0] + clock_offset, UTC) for one in (heard[0], heard[-1]))
    written = sum(len(data) for _, is_outgoing, data in heard if is_outgoing)
    read = sum(len(data) for _, is_outgoing, data in heard if not is_outgoing)
    return KeptTraffic(laboratory_id, analyzer_id, connection, began, ended, read, written, pack(heard))


def keep_messages(messages: Sequence[KeptMessage], *, by: Actor) -> list[int]:
    """Insert all of them with their traffic by one statement and wake the workers; ids in the order given.

    They are durable when the caller's transaction has committed: acknowledge then, not before.
    """
    by.require("keep_message")
    rows = sql_files.send_rows(
        SQL,
        "keep_messages",
        laboratories=[one.laboratory_id for one in messages],
        analyzers=[one.analyzer_id for one in messages],
        outgoing=[one.is_outgoing for one in messages],
        moments=[one.received_at for one in messages],
        connections=[one.connection for one in messages],
        contents=[one.content for one in messages],
        states=[one.state for one in messages],
        problems=[orjson.dumps(one.problems).decode() for one in messages],
        controls=[_control_id(one) for one in messages],
        requests=[one.request_id for one in messages],
        device_moments=[one.device_at for one in messages],
        **_stretches([one.traffic for one in messages]),
    )
    return [row[0] for row in rows]


def keep_traffic(stretches: Sequence[KeptTraffic], *, by: Actor) -> int:
    """Insert stretches that carried no message, by one statement; how many."""
    by.require("keep_message")
    if not stretches:
        return 0
    return sql_files.execute(
        SQL,
        "keep_traffic",
        laboratories=[one.laboratory_id for one in stretches],
        analyzers=[one.analyzer_id for one in stretches],
        connections=[one.connection for one in stretches],
        **_stretches(stretches),
    )


def _stretches(stretches: Sequence[KeptTraffic | None]) -> dict[str, Any]:
    """The columns of these stretches; each place without one is null."""
    return {
        "begun": [one and one.began_at for one in stretches],
        "ended": [one and one.ended_at for one in stretches],
        "read": [one and one.bytes_in for one in stretches],
        "written": [one and one.bytes_out for one in stretches],
        "traffic": [one and one.content for one in stretches],
    }


def keep_answer(question_id: int, answer: KeptMessage, *, orders: Sequence[WorkOrder] = (), by: Actor) -> int:
    """Keep the answer to a host query and note the question as answered; the answer's id.

    `orders` are what it tells: kept by tube, so that a test that is cancelled later can be taken back.
    """
    close_question(question_id, by=by)
    told = [one for one in orders if one.codes]
    if told:
        sql_files.execute(
            SQL,
            "note_answered",
            analyzer=answer.analyzer_id,
            numbers=[one.specimen_code for one in told],
            codes=[orjson.dumps(one.codes).decode() for one in told],
            dilutions=[one.dilution for one in told],
            by=by.key,
            at=answer.received_at,
        )
    return keep_messages([answer], by=by)[0]


def close_question(question_id: int, *, by: Actor) -> bool:
    """Note that a host query needs no answer any more: it has one, or was taken back; whether it waited."""
    by.require("keep_message")
    return sql_files.execute(SQL, "answer_message", id=question_id) == 1


def _control_id(message: KeptMessage) -> str:
    """The number the message carries; of one that we send it is looked up, to match its answer by."""
    if message.control_id or not message.is_outgoing:
        return message.control_id
    return heading_of(message.content).control_id

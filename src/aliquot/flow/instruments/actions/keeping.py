"""Keep what goes over the line, before it is acknowledged and before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from aliquot.flow.instruments.models import Message
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
class KeptMessage:
    """Bytes of one message with where they came from; `problems` as [{"code": ..., ...facts}]."""

    laboratory_id: int
    analyzer_id: int
    connection: str
    content: bytes
    received_at: datetime
    is_outgoing: bool = False
    state: str = RECEIVED
    problems: tuple[dict[str, Any], ...] = ()


def keep_messages(messages: Sequence[KeptMessage], *, by: Actor) -> list[int]:
    """Insert all of them by one statement and wake the workers; ids in the order given.

    They are durable when the caller's transaction has committed: acknowledge then, not before.
    """
    by.require("keep_message")
    rows = sql_files.fetch_rows(
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
    )
    return [row[0] for row in rows]


def keep_answer(question_id: int, answer: KeptMessage, *, by: Actor) -> int:
    """Keep the answer to a host query and note the question as answered; the answer's id."""
    sql_files.execute(SQL, "answer_message", id=question_id)
    return keep_messages([answer], by=by)[0]


def note_undelivered(message_id: int, detail: str, *, by: Actor) -> bool:
    """Put a sent message that the analyzer did not take where a person sees it; whether it was there."""
    by.require("keep_message")
    problems = orjson.dumps([{"code": "undelivered", "detail": detail}]).decode()
    return sql_files.execute(SQL, "undelivered_message", id=message_id, problems=problems) == 1

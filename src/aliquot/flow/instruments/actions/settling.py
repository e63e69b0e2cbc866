"""What became of work that an analyzer was told: sent, taken, refused, or to be sent again."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson

from aliquot.flow.instruments.actions.matching import safe_text
from aliquot.flow.instruments.rules.reading import OrderAnswer
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"
MOST_ATTEMPTS = 5


def note_sent(message_id: int, *, by: Actor, at: datetime) -> bool:
    """Note that a message of the outbox went over the line whole; whether it was being sent."""
    by.require("keep_message")
    return bool(sql_files.fetch_value(SQL, "note_sent", message=message_id, at=at))


def note_delivered(
    message_id: int, *, accepted: bool = True, detail: str = "", by: Actor, at: datetime
) -> bool:
    """Note the analyzer's own answer to a message of the outbox; whether it waited for one.

    A refused order waits for a person, with what the analyzer said.
    """
    by.require("keep_message")
    return bool(_settle([(message_id, accepted, detail)], at=at))


def note_undelivered(message_id: int, detail: str, *, by: Actor) -> bool:
    """Note what the analyzer did not take; whether it was there.

    Work of the outbox is queued again, at most five times. Anything else, and work that failed too often, is
    put where a person sees it.
    """
    by.require("keep_message")
    said = safe_text(detail)
    problems = orjson.dumps([{"code": "undelivered", "detail": said}]).decode()
    found = sql_files.fetch_value(
        SQL, "note_undelivered", id=message_id, problems=problems, detail=said, most=MOST_ATTEMPTS
    )
    return bool(found)


def settle_answers(answers: Sequence[tuple[int, OrderAnswer]], *, at: datetime) -> int:
    """Settle the messages that these answers of analyzers (by id) name by their control ids; how many."""
    named = [(analyzer, one) for analyzer, one in answers if one.control_id]
    if not named:
        return 0
    found = sql_files.fetch_rows(
        SQL,
        "messages_by_number",
        analyzers=[analyzer for analyzer, _ in named],
        numbers=[one.control_id for _, one in named],
    )
    messages = {(analyzer, number): message for analyzer, number, message in found}
    settled = {}
    for analyzer, one in named:  # of several answers to one message a refusal counts
        message = messages.get((analyzer, one.control_id))
        if message is not None and (message not in settled or not one.accepted):
            settled[message] = (message, one.accepted, one.reason)
    return len(_settle(list(settled.values()), at=at))


def _settle(answers: Sequence[tuple[int, bool, str]], *, at: datetime) -> list[int]:
    if not answers:
        return []
    rows = sql_files.fetch_rows(
        SQL,
        "settle_messages",
        messages=[message for message, _, _ in answers],
        accepted=[accepted for _, accepted, _ in answers],
        details=[safe_text(detail) for _, _, detail in answers],
        at=at,
    )
    return [row[0] for row in rows]

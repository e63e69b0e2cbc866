"""What the process that holds the lines says of them, at most once a second."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """How one line fares: `state` as LineState.State, counts since `process_since`, moments UTC.

    `clock_skew_seconds`: the device's clock minus ours, None when unknown. A moment or a skew that is not
    given leaves the last known one.
    """

    analyzer_id: int
    laboratory_id: int
    state: str
    process_since: datetime
    connected_since: datetime | None = None
    last_byte_at: datetime | None = None
    last_message_at: datetime | None = None
    frames_accepted: int = 0
    frames_refused: int = 0
    frames_repeated: int = 0
    sessions: int = 0
    reconnects: int = 0
    messages: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    clock_skew_seconds: float | None = None
    last_error: str = ""
    last_error_at: datetime | None = None


def note_line_states(states: Sequence[LineFacts], *, by: Actor, at: datetime) -> int:
    """Write how these lines fare by one statement; how many were written."""
    by.require("keep_message")
    if not states:
        return 0
    rows = orjson.dumps([asdict(one) for one in states]).decode().replace("\\u0000", "")
    return sql_files.execute(SQL, "note_line_states", rows=rows, at=at)

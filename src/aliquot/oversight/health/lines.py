"""What every line of the region does now, in figures."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One analyzer; frames, sessions, messages and bytes since the process that holds its line began."""

    code: str
    driver: str
    laboratory: str
    is_active: bool
    is_suspended: bool
    is_stopped: bool
    state: str
    updated_at: datetime | None
    last_byte_at: datetime | None
    last_message_at: datetime | None
    frames_accepted: int
    frames_refused: int
    frames_repeated: int
    sessions: int
    reconnects: int
    messages: int
    bytes_in: int
    bytes_out: int
    clock_skew_seconds: float | None
    unread: int
    oldest_unread_at: datetime | None
    quarantined_messages: int
    quarantined_readings: int
    to_send: int


def line_figures() -> list[LineFigures]:
    """Every analyzer of the laboratories the actor works for, by code."""
    return sql_files.fetch(LineFigures, SQL, "line_figures")

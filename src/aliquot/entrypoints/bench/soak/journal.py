"""A device's own memory of what it sent and what was acknowledged: written before the next step."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

What: TypeAlias = Literal["sent", "acknowledged", "undelivered", "done", "answered", "started", "faults"]
QUESTION = "question"  # the detail of a message that is not of the plan


@dataclass(frozen=True, slots=True)
class Note:
    """One step of a device: `digest` names a message's content, `number` a message of the plan."""

    what: What
    device: str
    digest: str = ""
    number: int = -1
    detail: str = ""


class Journal:
    """Appends notes to a file; what was written stays, whatever becomes of this process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, note: Note) -> None:
        """Append one note by one write."""
        os.write(self._file, json.dumps(asdict(note)).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read_notes(path: Path) -> Iterator[Note]:
    """Yield the notes of a journal; a last line that a kill cut short says nothing."""
    if not path.exists():
        return
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield Note(**json.loads(line))

"""Files of a package: sealed, written whole or not at all, and what was finished before a kill."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from aliquot.foundation.seals import seal
from aliquot.oversight.handover.queries.packages import SQUEEZED, seen_file
from aliquot.oversight.handover.rules.columnar import squeezed
from aliquot.oversight.handover.rules.manifest import Part, digest_of

PROGRESS = "progress.jsonl"
HALF = ".half"


@dataclass(frozen=True, slots=True)
class Packer:
    """Writes parts into a folder, readable by the receivers alone."""

    folder: Path
    receivers: tuple[str, ...]
    progress: "Progress"

    def put(
        self,
        path: str,
        kind: str,
        content: bytes,
        *,
        about: str = "",
        rows: int = 0,
        low: int | None = None,
        high: int | None = None,
    ) -> Part:
        """The part that was written: squeezed when its name says so, sealed, on the disk."""
        inside = squeezed(content) if path.endswith(SQUEEZED) else content
        target = BytesIO()
        seal(BytesIO(inside), target, self.receivers)
        sealed = target.getvalue()
        write_whole(self.folder / path, sealed)
        return Part(path, kind, len(sealed), digest_of(sealed), digest_of(content), about, rows, low, high)

    def put_file(self, path: str, kind: str, source: Path, *, about: str) -> Part:
        """The part that holds a file as it is, copied as a stream."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_name(f"{target.name}{HALF}")
        with source.open("rb") as clear, half.open("wb") as sealed:
            seal(clear, sealed, self.receivers)
            sealed.flush()
            os.fsync(sealed.fileno())
        half.replace(target)
        seen = seen_file(target)
        return Part(path, kind, seen.size, seen.digest, seen_file(source).digest, about)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that whoever is killed leaves either all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}{HALF}")
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


class Progress:
    """What an export has finished, line by line, so that it can go on after a kill."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / PROGRESS
        self._lock = Lock()

    def begin(self, about: dict[str, Any], parts: Sequence[Part]) -> None:
        """Keep what the export sets out from, and what is there already."""
        kept = [asdict(one) for one in parts]
        write_whole(self._file, orjson.dumps(about) + b"\n" + orjson.dumps(kept) + b"\n")

    def read(self) -> tuple[dict[str, Any], list[Part]] | None:
        """What was kept, and the parts that were finished; a line that was cut off counts for nothing."""
        if not self._file.exists():
            return None
        lines = self._file.read_bytes().split(b"\n")[:-1]
        parts = [Part(**one) for line in lines[1:] for one in orjson.loads(line)]
        return orjson.loads(lines[0]), parts

    def add(self, parts: Sequence[Part]) -> None:
        """Keep that these parts, which belong together, are finished."""
        line = orjson.dumps([asdict(one) for one in parts]) + b"\n"
        with self._lock, self._file.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def end(self) -> None:
        """The package is finished: nothing is left to go on with."""
        self._file.unlink(missing_ok=True)

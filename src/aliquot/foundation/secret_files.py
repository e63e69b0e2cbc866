"""Secrets of this home: made once, each in a file that its owner alone can read."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def secret_of(file: Path, make: Callable[[], str]) -> str:
    """Return what the file holds, making it the first time."""
    if not file.exists():
        keep_secret(file, make())
    return file.read_text(encoding="utf-8").strip()


def keep_secret(file: Path, secret: str) -> None:
    """Write a secret into a file of mode 0600; a file that is already there wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".", encoding="utf-8") as half:  # mode 0600
        half.write(f"{secret}\n")
        half.flush()
        with suppress(FileExistsError):
            os.link(half.name, file)  # link, unlike rename, never replaces what another wrote first

"""Passwords of this home: random, made once, readable by its owner alone."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def password_of(home: Path, name: str) -> str:
    """Return the password kept in `home/secrets/<name>`, making a random one the first time."""
    file = home / "secrets" / name
    if not file.exists():
        keep_password(file, secrets.token_urlsafe(24))
    return file.read_text().strip()


def keep_password(file: Path, password: str) -> None:
    """Write a password into a file of mode 0600; a file that is already there wins."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=".") as half:  # born with mode 0600
        half.write(f"{password}\n")
        half.flush()
        with suppress(FileExistsError):
            os.link(half.name, file)  # link, unlike rename, never replaces what another wrote first

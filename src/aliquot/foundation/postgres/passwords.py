"""Passwords of this home: random, made once, readable by its owner alone."""

import os
import secrets
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
    half = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(f"{password}\n")
    try:
        os.link(half, file)  # link, unlike rename, never replaces what another process wrote first
    except FileExistsError:
        return
    finally:
        half.unlink()

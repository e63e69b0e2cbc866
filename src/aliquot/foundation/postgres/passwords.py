"""Passwords of this home: random, made once, readable by its owner alone."""

import secrets
from pathlib import Path

from aliquot.foundation.secret_files import secret_of


def password_of(home: Path, name: str) -> str:
    """Return the password kept in `home/secrets/<name>`, making a random one the first time."""
    return secret_of(home / "secrets" / name, lambda: secrets.token_urlsafe(24))

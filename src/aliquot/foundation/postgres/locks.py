"""File locks of one home: one supervisor at a time, and who still uses the server."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aliquot.foundation.postgres.errors import PostgresUnavailable

PATIENCE = 330.0  # seconds; longer than a start that replays a long log
_held: dict[Path, int] = {}


@contextmanager
def only_supervisor(home: Path) -> Iterator[None]:
    """Hold the home's lock while starting or stopping; a second process waits for the first."""
    descriptor = _open(home / "postgres.lock")
    try:
        _take(descriptor, home)
        yield
    finally:
        os.close(descriptor)


def join_users(home: Path) -> None:
    """Count this process among the server's users until it ends."""
    if home not in _held:
        _held[home] = _open(home / "postgres.users")
        fcntl.flock(_held[home], fcntl.LOCK_SH)


def leave_users(home: Path) -> bool:
    """Stop counting this process; return whether it was the last user."""
    descriptor = _held.pop(home, None)
    if descriptor is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _open(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise PostgresUnavailable(
            f"{file} belongs to another account: Aliquot ran here as somebody else before.",
            f"Run as that account, or let root give the folder to one: chown -R <account> {file.parent}",
        ) from error


def _take(descriptor: int, home: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise PostgresUnavailable(
                    f"Another process has been starting or stopping the server of {home} for five minutes.",
                    f"Look into {home / 'postgres.log'}; end that process, then try again.",
                ) from None
            time.sleep(0.02)
        else:
            return

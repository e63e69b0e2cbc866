"""The server's processes as the operating system sees them: who lives, who is orphaned, who must end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from aliquot.foundation.postgres.accounts import Account

PROC = Path("/proc")
ORPHAN_PATIENCE = 2.0  # seconds in which backends notice by themselves that their postmaster is gone
_children: set[int] = set()  # servers this process started, to be reaped by it


class _Identity(TypedDict):
    """Under whom a program starts; None leaves it to be ours."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


@dataclass(frozen=True)
class PidFile:
    """What postmaster.pid says: the postmaster's number, its port and its state."""

    pid: int
    port: int
    state: str


def read_pid_file(data: Path) -> PidFile | None:
    """Return what postmaster.pid says, or None when it is missing or only half written."""
    try:
        lines = (data / "postmaster.pid").read_text().split("\n")
        return PidFile(int(lines[0]), int(lines[3]), lines[7].strip() if len(lines) > 7 else "starting")  # noqa: PLR2004  the file's eighth line is the state
    except (FileNotFoundError, ValueError, IndexError):
        return None


def live_postmaster(data: Path) -> PidFile | None:
    """Return the pid file of a server that really runs on `data`; a zombie or a reused number is none."""
    found = read_pid_file(data)
    return found if found and is_alive(found.pid) and _works_in(found.pid, data) else None


def is_alive(pid: int) -> bool:
    """Say whether the process runs; a zombie does not, and ours is reaped here."""
    if pid in _children:
        _reap(pid)
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return not PROC.is_dir() and _answers(pid)
    return state not in "ZX"


def run_as(account: Account, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL to its end as the account, and return what it said."""
    return subprocess.run(  # noqa: S603  the programs are found by us, the arguments are ours
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
        **_identity(account),
    )


def start_as(account: Account, command: list[str | Path], log: IO[bytes]) -> int:
    """Start a server in a session of its own, out of reach of the terminal's Ctrl-C; return its number."""
    child = subprocess.Popen(  # noqa: S603  the programs are found by us, the arguments are ours
        command,
        cwd="/",
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **_identity(account),
    )
    _children.add(child.pid)
    child.returncode = 0  # the server may outlive us: Popen must neither wait for it nor complain
    return child.pid


def clear_orphans(data: Path) -> None:
    """End what still works on `data` without a postmaster; nothing is lost, the log replays it."""
    if wait_until(lambda: not _processes_in(data), ORPHAN_PATIENCE):
        return
    for how in (signal.SIGQUIT, signal.SIGKILL):
        for pid in _processes_in(data):
            send(pid, how)
        if wait_until(lambda: not _processes_in(data), ORPHAN_PATIENCE):
            return


def send(pid: int, how: signal.Signals) -> None:
    """Send a signal; a process that has just gone is no error."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Return True as soon as the condition holds, False when it still does not after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def _processes_in(data: Path) -> list[int]:
    numbers = [int(one.name) for one in PROC.glob("[0-9]*")]
    return [pid for pid in numbers if _works_in(pid, data) and is_alive(pid)]


def _works_in(pid: int, data: Path) -> bool:
    """Say whether the process is PostgreSQL at work on `data`: each stands in its data folder."""
    if not PROC.is_dir():
        return True
    try:
        name = (PROC / str(pid) / "comm").read_text().strip()
        return name.startswith("postgres") and (PROC / str(pid) / "cwd").samefile(data)
    except OSError:
        return False


def _reap(pid: int) -> None:
    try:
        ended, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # reaped already, or started by the process we were forked from
        ended = pid
    if ended:
        _children.discard(pid)


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _identity(account: Account) -> _Identity:
    if account.is_ours:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Return a small environment: no PG* variable of the caller may steer the server."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

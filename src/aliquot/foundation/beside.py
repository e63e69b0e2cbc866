"""Work beside: a command of ours in a process of its own, so that who asked for it goes on meanwhile."""

import subprocess
import sys

MAIN = "from aliquot.entrypoints.commands import main; main()"
_started: "list[subprocess.Popen[bytes]]" = []


def begin_beside(*arguments: str) -> None:
    """Start `aliquot <arguments>`; those that have ended are let go of."""
    _started[:] = [one for one in _started if one.poll() is None]
    command = [sys.executable, "-c", MAIN, *arguments]
    _started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603 - our own command

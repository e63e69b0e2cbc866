"""Kill -9 at random: links, workers, the database, the analyzers themselves; and start each again."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import GRACE_SECONDS, MAIN, STANDARD_ERROR
from aliquot.foundation.postgres import ensure_running, status

DATABASE = "database"
# each kind in its turn, so that a few kills strike all of them
TURN = ("links", "worker", DATABASE, "analyzers", "links", "worker", "analyzers", "links", "worker", DATABASE)
FLEET = "aliquot.entrypoints.bench.soak.fleet"


@dataclass(slots=True)
class Cast:
    """All processes of the soak by name; one that dies without being killed fails it."""

    home: Path
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    calls: dict[str, list[str]] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)

    def start_command(self, name: str, *arguments: str) -> None:
        """Start `aliquot <arguments>` under this name."""
        self._start(name, [sys.executable, "-c", MAIN, *arguments])

    def start_fleet(self, name: str, *arguments: str) -> None:
        """Start a process that plays analyzers."""
        self._start(name, [sys.executable, "-m", FLEET, *arguments])

    def kill(self, kind: str, draw: Random) -> None:
        """Kill one process of this kind with SIGKILL and start it again."""
        if kind == DATABASE:
            self._kill_database()
        else:
            # an analyzer that has finished its shift is not started again
            names = [
                name for name, one in self.running.items() if name.startswith(kind) and one.poll() is None
            ]
            if not names:
                return
            name = draw.choice(names)
            self.running[name].kill()
            self.running[name].wait()
            self._start(name, self.calls[name])
        self.killed[kind] += 1

    def check(self) -> None:
        """Raise MeasurementError when a process ended that nobody killed."""
        for name, one in self.running.items():
            if one.poll() not in (None, 0):
                raise MeasurementError(f"{name} ended by itself with {one.returncode}")

    def end(self, kind: str, seconds: float) -> None:
        """Ask the processes of a kind to finish, and wait; raises MeasurementError when one does not."""
        found = {name: one for name, one in self.running.items() if name.startswith(kind)}
        for one in found.values():
            if one.poll() is None:
                one.terminate()
        deadline = time.monotonic() + seconds
        for name, one in found.items():
            try:
                one.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                raise MeasurementError(f"{name} did not finish within {seconds:.0f} s") from None

    def has_ended(self, kind: str) -> bool:
        """Whether every process of a kind has finished."""
        return all(one.poll() is not None for name, one in self.running.items() if name.startswith(kind))

    def stop(self) -> None:
        """End whatever still runs."""
        for one in self.running.values():
            if one.poll() is None:
                one.terminate()
        for one in self.running.values():
            try:
                one.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def _kill_database(self) -> None:
        pid = status(self.home).pid
        if pid is None:
            raise MeasurementError("the database does not run")
        os.kill(pid, signal.SIGKILL)
        while status(self.home).pid == pid:
            time.sleep(0.02)
        ensure_running(self.home)

    def _start(self, name: str, call: list[str]) -> None:
        self.calls[name] = call
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own program
            call, stdin=subprocess.DEVNULL, stdout=STANDARD_ERROR, start_new_session=True
        )


def victims(count: int, draw: Random) -> list[str]:
    """Return so many kinds of process in a random order."""
    found = [TURN[at % len(TURN)] for at in range(count)]
    draw.shuffle(found)
    return found

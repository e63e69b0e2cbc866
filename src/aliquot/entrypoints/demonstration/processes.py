"""Keeps the processes of one node running, and ends them together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

GRACE_SECONDS = 10.0


@dataclass(slots=True)
class Supervisor:
    """Starts `aliquot` commands, starts one again when it dies, stops all on request."""

    commands: dict[str, Sequence[str]]
    environ: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    is_stopping: bool = False

    def listen(self) -> None:
        """From now on a request to stop ends what runs, in order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)

    def finish(self, name: str, arguments: Sequence[str]) -> None:
        """Run a command to its end, or until told to stop."""
        process = self.running[name] = self._spawn(arguments)
        while process.poll() is None and not self.is_stopping:
            time.sleep(0.1)
        if process.poll() is not None:
            del self.running[name]

    def start(self, *names: str) -> None:
        """Start every command that does not run, or those of these names."""
        for name, arguments in self.commands.items():
            if self.is_stopping or (names and name not in names):
                continue
            known = self.running.get(name)
            if known is None or known.poll() is not None:
                self.running[name] = self._spawn(arguments)

    def watch(self, say: Callable[[str], None]) -> None:
        """Until told to stop: start again what died, and say so."""
        while not self.is_stopping:
            time.sleep(0.5)
            for name, process in self.running.items():
                if process.poll() is not None and not self.is_stopping:
                    say(f"{name} ended with {process.returncode}; starting it again")
            if not self.is_stopping:
                self.start()

    def stop(self) -> None:
        """Ask every process to end, newest first; one that will not is killed."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _asked_to_stop(self, *_: object) -> None:
        self.is_stopping = True

    def _spawn(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        call = [sys.executable, "-c", "from aliquot.entrypoints.commands import main; main()", *arguments]
        # a session of its own, so that Ctrl-C reaches only the supervisor, which ends the rest in order
        return subprocess.Popen(call, env={**os.environ, **self.environ}, start_new_session=True)  # noqa: S603 - our own program

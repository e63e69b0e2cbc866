"""The program's own processes, started for a measurement, and the processor time each of them used."""

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

MAIN = "from aliquot.entrypoints.commands import main; main()"
GRACE_SECONDS = 20
STANDARD_ERROR = 2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Processes:
    """Starts `aliquot` commands on the database of this environment; ends them together."""

    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, **environ: str) -> None:
        """Start `aliquot <arguments>` under this name."""
        call = [sys.executable, "-c", MAIN, *arguments]
        # what they print must not stand in the figures
        self.running[name] = subprocess.Popen(  # noqa: S603 - our own program
            call, env={**os.environ, **environ}, stdout=STANDARD_ERROR, start_new_session=True
        )

    def seconds(self) -> dict[str, float]:
        """Processor seconds of each since it started."""
        return {name: cpu_seconds([process.pid]) for name, process in self.running.items()}

    def died(self) -> list[str]:
        """Names of those that ended though nobody asked them to."""
        return [name for name, process in self.running.items() if process.poll() is not None]

    def stop(self) -> None:
        """Ask all to end, and wait."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


def run_command(*arguments: str, **environ: str) -> None:
    """Run `aliquot <arguments>` to its end; raises CalledProcessError when it failed."""
    call = [sys.executable, "-c", MAIN, *arguments]
    subprocess.run(call, check=True, env={**os.environ, **environ}, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor seconds that these processes used, user and system; one that has gone counts nothing."""
    return round(sum(_ticks(pid) for pid in pids) / TICKS, 2)


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])

"""`aliquot demo` on a fresh home: it lives, survives kills, keeps what it has, and begins anew when asked."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aliquot.foundation.postgres import status, stop
from tests.processes import MAIN, free_port, wait_for

pytestmark = pytest.mark.journey

FIRST_REPORT_SECONDS = 90.0
CHILDREN = 4


@dataclass(slots=True)
class Demonstration:
    """A home of its own, and the supervisor that runs on it."""

    home: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def environ(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith("ALIQUOT_")}
        own = {"ALIQUOT_HOME": str(self.home), "ALIQUOT_PORT": str(self.port)}
        return {**given, **own, "ALIQUOT_LINK_PORT": str(15100 + os.getpid() % 700)}

    @property
    def said(self) -> str:
        return (self.home / "said").read_text(encoding="utf-8")

    def start(self, *arguments: str) -> None:
        """Start it and wait until it says that it is ready."""
        with (self.home / "said").open("w", encoding="utf-8") as said:
            call = [sys.executable, "-u", "-c", MAIN, "demo", *arguments]
            self.process = subprocess.Popen(
                call, env=self.environ, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        wait_for(lambda: "Ready after" in self.said, "the demonstration is ready", 60)

    def end(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def children(self) -> set[int]:
        """The process ids of what the supervisor started."""
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(
            encoding="ascii"
        )
        alive = {int(one) for one in listed.split()}
        # the server may give itself a name of its own
        named = (b"aliquot.entrypoints", b"granian")
        return {
            one for one in alive if any(name in Path(f"/proc/{one}/cmdline").read_bytes() for name in named)
        }

    def counts(self) -> dict[str, int]:
        """What `aliquot doctor --json` counts."""
        call = [sys.executable, "-c", MAIN, "doctor", "--json"]
        told = subprocess.run(call, env=self.environ, capture_output=True, text=True, check=False, timeout=60)
        counts: dict[str, int] = json.loads(told.stdout)["counts"]
        return counts


@pytest.fixture
def demonstration() -> Iterator[Demonstration]:
    home = Path(tempfile.mkdtemp(prefix="aliquot-demo-"))
    home.chmod(0o755)
    made = Demonstration(home)
    try:
        yield made
    finally:
        made.end()
        stop(home, "immediate")
        data = status(home).data
        shutil.rmtree(data if data.parent == home else data.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found by /proc")
def test_it_lives_survives_kills_keeps_its_data_and_begins_anew(demonstration: Demonstration) -> None:
    demonstration.start()
    released = reports_released(demonstration, 0)

    # the weeks before are lived first, beside the pages
    wait_for(lambda: len(demonstration.children()) == CHILDREN, "the region lives", FIRST_REPORT_SECONDS)
    killed = demonstration.children()
    for child in killed:
        os.kill(child, signal.SIGKILL)
    wait_for(lambda: len(demonstration.children() - killed) == CHILDREN, "all four are started again")
    assert demonstration.said.count("starting it again") == CHILDREN
    reports_released(demonstration, released)

    demonstration.end()
    closed = demonstration.counts()
    assert closed["reports_released"] > released
    assert demonstration.counts() == closed
    demonstration.start()
    kept = demonstration.counts()
    assert {name for name in closed if name != "results_held" and kept[name] < closed[name]} == set()

    demonstration.end()
    demonstration.start("--reset")
    anew = demonstration.counts()
    assert anew["reports_released"] < closed["reports_released"]
    assert anew["specimens"] < kept["specimens"]


def reports_released(demonstration: Demonstration, more_than: int) -> int:
    """Wait until more reports than this are released; how many they are."""
    wait_for(
        lambda: demonstration.counts()["reports_released"] > more_than,
        f"more than {more_than} reports are released",
        FIRST_REPORT_SECONDS,
    )
    return demonstration.counts()["reports_released"]

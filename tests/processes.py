"""A region that other processes work on: its own database, and the `aliquot` commands that serve it.

Ask for the fixture `live_region`: a copy of the test database under its own name. While it lives, Django's
connections of the test itself go to that copy, outside any transaction: what a test writes is committed and seen by
the processes it starts. `own_server` is the same on a PostgreSQL server of its own, which a test may kill.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from aliquot.config.settings import _database
from aliquot.foundation.postgres import connect_urls, ensure_running, status, stop
from tests.regions import load_registers

ROOT = Path(__file__).parent.parent
MAIN = "from aliquot.entrypoints.commands import main; main()"
PATIENCE = 30.0


@dataclass(slots=True)
class LiveRegion:
    """Addresses of a database that processes may work on, and the processes started on it."""

    home: Path
    owner_url: str
    app_url: str
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """What a process needs to find this region; add it to os.environ."""
        return {
            "ALIQUOT_HOME": str(self.home),
            "ALIQUOT_OWNER_URL": self.owner_url,
            "ALIQUOT_APP_URL": self.app_url,
            "ALIQUOT_SECRET_KEY": "a test signs for nobody",
            "PYTHONPATH": str(ROOT / "src"),
        }

    def start(self, *arguments: str, **environ: str) -> "subprocess.Popen[bytes]":
        """Start `aliquot <arguments>` on this region; it is ended with the fixture at the latest."""
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, *arguments],
            env={**os.environ, **self.environ, **environ},
            stdin=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process

    def look(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the owner of the tables, past row security: for what a test asserts, or breaks."""
        with psycopg.connect(self.owner_url, autocommit=True) as session:
            found = session.execute(query.encode(), params)
            return found.fetchall() if found.description else []

    def end_processes(self) -> None:
        """End every process that still runs: politely, then not."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Return as soon as the condition holds; fail, naming `what`, when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.01)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on this port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def copied_database(server_home: Path, home: Path, template: dict[str, Any]) -> Iterator[LiveRegion]:
    """A copy of the test database; `template` are the settings of Django's connections to it."""
    name = f"live_{os.getpid()}_{time.monotonic_ns()}"
    connections.close_all()
    with psycopg.connect(ensure_running(server_home).superuser_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template["default"]["NAME"]}"'.encode())
        admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'.encode())
        admin.execute(f'GRANT CONNECT, TEMPORARY ON DATABASE "{name}" TO aliquot_app'.encode())
        admin.execute(f'ALTER DATABASE "{name}" OWNER TO "{template["owner"]["USER"]}"'.encode())
        live = LiveRegion(home, _url(template["owner"], name), _url(template["default"], name))
        try:
            with pointed_at(live):
                yield live
        finally:
            live.end_processes()
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def pointed_at(live: LiveRegion) -> Iterator[None]:
    """Django's connections go to this region meanwhile."""
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    connections.close_all()
    for alias, url in (("default", live.app_url), ("owner", live.owner_url)):
        connections[alias].settings_dict.update(_database(url))
    try:
        yield
    finally:
        connections.close_all()
        for alias, settings in before.items():
            connections[alias].settings_dict.update(settings)


def postmaster(home: Path) -> int:
    """The process id of the server of this home."""
    pid = status(home).pid
    assert pid is not None, "the server does not run"
    return pid


def _url(settings: dict[str, Any], name: str) -> str:
    who = f"{settings['USER']}:{settings['PASSWORD']}"
    return f"postgresql://{who}@{settings['HOST']}:{settings['PORT']}/{name}"


@contextmanager
def server_of_its_own(home: Path) -> Iterator[LiveRegion]:
    """The demonstration region on a PostgreSQL server of its own below `home`, which may be killed and removed."""
    from aliquot.entrypoints.commands.migrate import Command

    urls = connect_urls(home, {}, detach=True)
    live = LiveRegion(home, urls.owner_url, urls.app_url)
    try:
        with pointed_at(live):
            call_command(Command(), verbosity=0)
            load_registers(at=timezone.now())
            yield live
    finally:
        live.end_processes()
        stop(home, "immediate")
        data = status(home).data
        shutil.rmtree(data if data.parent == home else data.parent, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)

"""Two real nodes that know each other: two homes, two databases; their processes are started by the tests."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.seals import signing_key_of
from aliquot.oversight.federation.actions import name_node, open_line
from tests.conftest import TEST_HOME
from tests.oversight.federation.peers import know_peer
from tests.processes import LiveRegion, copied_database, free_port, listens, pointed_at, wait_for

PATIENCE = 120.0
BY = system_actor("test")


@dataclass(slots=True)
class LiveNode:
    """A node with its code and the port of its door."""

    code: str
    live: LiveRegion
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self) -> subprocess.Popen[bytes]:
        door = self.live.start("serve", "--port", str(self.port), "--threads", "4")
        wait_for(lambda: listens(self.port), "the node's door", PATIENCE)
        return door

    def has(self, table: str, rows: int) -> bool:
        return self.count("true", table) >= rows

    def count(self, condition: str, table: str = "node_message_out") -> int:
        return int(self.live.look(f"SELECT count(*) FROM {table} WHERE {condition}")[0][0])


@contextmanager
def two_nodes(blocker: Any, folder: Path) -> Iterator[tuple[LiveNode, LiveNode]]:
    """A region and the federation that know each other; no process runs yet."""
    template = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    with (
        blocker.unblock(),
        copied_database(TEST_HOME, folder / "tula", template) as ours,
        copied_database(TEST_HOME, folder / "federation", template) as theirs,
    ):
        pair = LiveNode("tula", ours, free_port()), LiveNode("federation", theirs, free_port())
        _introduce(*pair)
        _introduce(*reversed(pair))
        yield pair


def _introduce(here: LiveNode, peer: LiveNode) -> None:
    with pointed_at(here.live), acting(BY):
        kind = "federation" if here.code == "federation" else "region"
        at, home = timezone.now(), here.live.home
        name_node(here.code, kind=kind, name_en=here.code, name_ru=here.code, home=home, by=BY, at=at)
        know_peer(peer.code, signing_key_of(peer.live.home))
        open_line(peer.code, peer.address, by=BY, at=timezone.now())


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it started at once, as a power cut does."""
    for child in children(process.pid):
        os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]

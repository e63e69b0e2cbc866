"""Two real nodes: two homes, two databases, their servers and postmen as processes; lines cut, processes killed."""

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.seals import signing_key_of
from aliquot.oversight.federation.actions import name_node, open_line, queue_message
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


@pytest.fixture
def nodes(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[LiveNode, LiveNode]]:
    """A region and the federation that know each other; no process runs yet."""
    template = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]
        copied_database(TEST_HOME, tmp_path / "tula", template) as ours,
        copied_database(TEST_HOME, tmp_path / "federation", template) as theirs,
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


def ask(here: LiveNode, peer: LiveNode, count: int) -> None:
    with pointed_at(here.live), acting(BY):
        for number in range(count):
            body = {"asked_at": str(number)}
            queue_message("node.probe", body, to=peer.code, by=BY, at=timezone.now())


def assert_once_and_in_order(there: LiveNode, count: int) -> None:
    """Every question came once, in its order, and was carried out; nothing else came."""
    rows = there.live.look("SELECT sequence, state FROM node_message_in ORDER BY id")
    assert rows == [(number, "applied") for number in range(1, count + 1)]


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it started at once, as a power cut does."""
    for child in children(process.pid):
        os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def answered(here: LiveNode) -> int:
    return here.count("outcome = 'applied'")


@pytest.mark.journey
class TestTwoNodes:
    def test_a_line_that_is_down_loses_nothing(self, nodes: tuple[LiveNode, LiveNode]) -> None:
        region, federation = nodes
        ask(region, federation, 20)
        region.serve()
        region.live.start("work")
        region.live.start("post")
        wait_for(lambda: region.count("fault = 'no_line'", "node_line"), "the failure to be shown", PATIENCE)
        assert region.count("state <> 'kept'") == 20
        federation.serve()
        federation.live.start("work")
        federation.live.start("post")
        wait_for(lambda: answered(region) == 20, "every question to be answered", PATIENCE)
        assert_once_and_in_order(federation, 20)
        assert region.count("fault <> ''", "node_line") == 0

    def test_kills_in_the_middle_lose_and_double_nothing(self, nodes: tuple[LiveNode, LiveNode]) -> None:
        region, federation = nodes
        door = federation.serve()
        federation.live.start("work")
        for came in (0, 30, 60):
            ask(region, federation, 30)
            postman = region.live.start("post")
            wait_for(partial(federation.has, "node_message_in", came + 4), "a few to arrive", PATIENCE)
            kill(postman)  # maybe between a receipt and its note
            kill(door)
            region.live.start("post")
            door = federation.serve()
            wait_for(lambda: not region.count("state <> 'kept'"), "all to be kept", PATIENCE)
        wait_for(lambda: not federation.count("state = 'kept'", "node_message_in"), "the work", PATIENCE)
        assert_once_and_in_order(federation, 90)

    def test_a_node_made_anew_gets_everything_again(self, nodes: tuple[LiveNode, LiveNode]) -> None:
        region, federation = nodes
        federation.serve()
        ask(region, federation, 5)
        region.live.start("post", "--once").wait(PATIENCE)
        assert region.count("state = 'kept'") == 5
        federation.live.look("DELETE FROM node_message_in")
        ask(region, federation, 1)
        region.live.start("post")
        wait_for(lambda: federation.count("true", "node_message_in") == 6, "everything again", PATIENCE)
        assert federation.live.look("SELECT array_agg(sequence ORDER BY id) FROM node_message_in") == [
            ([1, 2, 3, 4, 5, 6],)
        ]

"""Two real nodes: two homes, two databases, their servers and postmen as processes; lines cut, processes killed."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.oversight.federation.actions import queue_message
from tests.oversight.federation.living import BY, PATIENCE, LiveNode, kill, two_nodes
from tests.processes import pointed_at, wait_for


@pytest.fixture
def nodes(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[LiveNode, LiveNode]]:
    """A region and the federation that know each other; no process runs yet."""
    with two_nodes(django_db_blocker, tmp_path) as pair:
        yield pair


def ask(here: LiveNode, peer: LiveNode, count: int) -> None:
    with pointed_at(here.live), acting(BY):
        for number in range(count):
            body = {"asked_at": str(number)}
            queue_message("node.probe", body, to=peer.code, by=BY, at=timezone.now())


def assert_once_and_in_order(there: LiveNode, count: int) -> None:
    """Every question came once, in its order, and was carried out; nothing else came."""
    rows = there.live.look("SELECT sequence, state FROM node_message_in ORDER BY id")
    assert rows == [(number, "applied") for number in range(1, count + 1)]


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

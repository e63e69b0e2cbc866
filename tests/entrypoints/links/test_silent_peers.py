"""Peers that listen only, or that stop answering: what is wrong is named where people look, and work goes on.

The lines run by a clock that is twenty times as fast, so that the timers of the protocols are short.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta

import pytest
from django.utils import timezone

from aliquot.flow.instruments.actions import queue_orders
from aliquot.foundation.context import acting
from aliquot.wire.astm_link import ACK, ENQ, EOT, frames_of
from tests.entrypoints.links.inside import serving
from tests.entrypoints.links.lines import Stage, place
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region

pytestmark = pytest.mark.journey

SPEED = 20.0
# a program that takes one connection, says what it is given, and then only reads
LISTENER = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    line, _ = server.accept()
    line.sendall(bytes.fromhex(sys.argv[2]))
    while line.recv(65536):
        pass
"""
FRAMES = frames_of([b"H|\\^&|||XN-550", b"P|1", b"O|1||^^1^M", b"L|1|N"])


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def listener(stack: ExitStack, port: int, says: bytes = b"") -> "subprocess.Popen[bytes]":
    """Another program that listens; it may be stopped."""
    process = subprocess.Popen([sys.executable, "-c", LISTENER, str(port), says.hex()])
    stack.callback(process.wait)
    stack.callback(process.kill)
    wait_for(lambda: listens(port), "the other program listens")
    return process


def called(live: LiveRegion, model: str, port: int) -> Stage:
    return place(
        live,
        read_region(),
        model,
        transport="dial",
        address=f"127.0.0.1:{port}",
        query_policy="preload",
    )


def order(stage: Stage) -> str:
    """Queue work for one tube."""
    (number,) = stage.tubes(1)
    with acting(stage.region.worker) as by:
        queue_orders(stage.analyzer, [number], by=by, at=timezone.now() - timedelta(seconds=1))
    return number


def is_queued_again(stage: Stage) -> Callable[[], bool]:
    def look() -> bool:
        rows = stage.live.look("SELECT state, detail FROM work_request")
        return [row[0] for row in rows] == ["queued"] and rows[0][1] != ""

    return look


def test_a_peer_that_only_listens_never_answers_our_bid(live_region: LiveRegion, stack: ExitStack) -> None:
    port = free_port()
    stage = called(live_region, "generic_astm", port)
    order(stage)
    listener(stack, port)
    with serving(SPEED):
        stage.shows("connected", "not_taken: no answer")
        wait_for(is_queued_again(stage), "the work is not lost")
    assert stage.states("is_outgoing") == ["undelivered"]
    assert stage.line()["bytes_out"] >= 6  # it has bid more than once


def test_two_that_only_listen_have_no_line(live_region: LiveRegion) -> None:
    """Nobody calls: the line says that it waits, and for how long nothing came."""
    stage = place(live_region, read_region(), "generic_astm", listen_port=free_port())
    with serving(SPEED):
        stage.shows("listening")
    assert stage.line()["last_byte_at"] is None


def test_two_that_only_call_are_refused(live_region: LiveRegion) -> None:
    stage = called(live_region, "generic_astm", free_port())
    with serving(SPEED):
        stage.shows("reconnecting", "refused")


@pytest.mark.parametrize("model", ["generic_law", "generic_astm"])
def test_a_peer_that_is_stopped_does_not_take_an_order(
    live_region: LiveRegion, stack: ExitStack, model: str
) -> None:
    port = free_port()
    stage = called(live_region, model, port)
    peer = listener(stack, port)
    with serving(SPEED):
        stage.shows("connected")
        os.kill(peer.pid, signal.SIGSTOP)  # its system goes on acknowledging every packet
        order(stage)
        stage.shows("connected", "not_taken: no a")
        wait_for(is_queued_again(stage), "the work is not lost")


def test_a_peer_that_is_stopped_in_mid_message_is_named(live_region: LiveRegion, stack: ExitStack) -> None:
    port = free_port()
    stage = called(live_region, "generic_astm", port)
    peer = listener(stack, port, ENQ + b"".join(FRAMES[:3]))
    with serving(SPEED):
        wait_for(lambda: stage.line().get("frames_accepted") == 3, "three frames came")
        os.kill(peer.pid, signal.SIGSTOP)
        stage.shows("connected", "incomplete")
        assert stage.states() == ["quarantined"]
        os.kill(peer.pid, signal.SIGCONT)
        assert stage.line()["connected_since"] is not None  # the line stands for when it goes on


def test_a_network_that_drops_everything_in_silence_is_named_and_the_next_call_served(
    live_region: LiveRegion, stack: ExitStack
) -> None:
    """A relay that stays connected on both sides and carries nothing any more."""
    port = free_port()
    stage = place(live_region, read_region(), "generic_law", listen_port=port, query_policy="preload")
    with serving(SPEED):
        wait_for(lambda: listens(port), "the link listens")
        relay = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), 20)))
        relay.sendall(b"\x0bMSH|^~\\&|AN||HOST||20260302090000||OUL^R22^OUL_R22|1|P|2.5.1\rPID|1")
        stage.shows("connected", "incomplete: its end did not come in time")
        order(stage)
        stage.shows("connected", "not_taken: no acknowledgement in time")
        again = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), 20)))
        wait_for(is_queued_again(stage), "the work is not lost")
        stage.live.look("UPDATE work_request SET not_before = NULL")
        assert again.recv(65536).startswith(b"\x0bMSH|")  # the newest connection is spoken to
    assert stage.states() == ["quarantined"]


def test_a_line_that_fell_silent_in_mid_message_takes_the_message_when_it_comes_again(
    live_region: LiveRegion, stack: ExitStack
) -> None:
    port = free_port()
    stage = place(live_region, read_region(), "generic_astm", listen_port=port)
    with serving(SPEED):
        wait_for(lambda: listens(port), "the link listens")
        line = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), 20)))
        for piece in (ENQ, *FRAMES[:2]):
            line.sendall(piece)
            assert line.recv(1) == ACK
        stage.shows("connected", "incomplete")
        for piece in (ENQ, *FRAMES):
            line.sendall(piece)
            assert line.recv(1) == ACK
        line.sendall(EOT)
        wait_for(lambda: stage.states() == ["quarantined", "received"], "the message is kept")

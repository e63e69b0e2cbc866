"""A model that wants its acknowledgements on its other socket, and one that gives them there: two real sockets."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Literal

import pytest

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Listen
from aliquot.flow.instruments.actions import queue_orders
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.context import acting
from aliquot.wire.mllp import block
from tests.entrypoints.links.lines import Stage, place
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region
from tests.tubes import NOW

pytestmark = pytest.mark.journey

ELSEWHERE = "siemens_atellica_solution"  # everything we say goes over the socket we opened
Layout = Literal["it calls", "we call"]


@dataclass(slots=True)
class Device:
    """The two sockets of an analyzer that stands on its line."""

    stage: Stage
    results: socket.socket
    orders: socket.socket


def segments_of(line: socket.socket) -> list[list[bytes]]:
    """The fields of the segments of the next block."""
    data = b""
    while not data.endswith(b"\x1c\r"):
        piece = line.recv(1)  # nothing of the block behind it
        assert piece, "the host hung up"
        data += piece
    return [one.split(b"|") for one in data[1:-2].rstrip(b"\r").split(b"\r")]


def is_silent(line: socket.socket) -> bool:
    """Whether nothing has come; what came would be there, as it was written before."""
    line.setblocking(False)
    try:
        line.recv(1)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        line.settimeout(20)


def server(stack: ExitStack) -> socket.socket:
    found = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
    found.settimeout(20)
    return found


def accepted(stack: ExitStack, listening: socket.socket) -> socket.socket:
    line = stack.enter_context(closing(listening.accept()[0]))
    line.settimeout(20)
    return line


def connect(live: LiveRegion, stack: ExitStack, model: str, layout: Layout, **reach: str) -> Device:
    orders = server(stack)
    reach |= {"order_address": f"127.0.0.1:{orders.getsockname()[1]}"}
    if layout == "we call":
        results = server(stack)
        address = f"127.0.0.1:{results.getsockname()[1]}"
        stage = place(live, read_region(), model, transport="dial", address=address, **reach)
        live.start("links", ALIQUOT_LOG="CRITICAL")
        return Device(stage, accepted(stack, results), accepted(stack, orders))
    port = free_port()
    stage = place(live, read_region(), model, listen_port=port, **reach)
    live.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: listens(port), "the link listens")
    ours = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), 20)))
    return Device(stage, ours, accepted(stack, orders))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def result(model: str, number: str) -> bytes:
    runs = [Run(number, (Measurement("WBC", "6.1"),))]
    return block(load(model).result_message(runs, Header(NOW, control_id=f"R{number[-4:]}")))


def acknowledgement(code: str, control_id: bytes, kind: bytes = b"ACK^R22^ACK") -> bytes:
    head = b"MSH|^~\\&|AN||HOST||20260302090000||" + kind + b"|77|P|2.5.1"
    return block([head, b"MSA|" + code.encode() + b"|" + control_id])


@pytest.mark.parametrize("layout", ["it calls", "we call"])
def test_what_came_with_results_is_acknowledged_on_the_other_socket(
    live_region: LiveRegion, stack: ExitStack, layout: Layout
) -> None:
    device = connect(live_region, stack, ELSEWHERE, layout)
    for turn in range(1, 4):
        device.results.sendall(result(ELSEWHERE, f"71010000000{turn}"))
        answer = segments_of(device.orders)
        kept = device.stage.messages()  # committed before the reply left
        assert len(kept) == turn
        assert answer[1][:3] == [b"MSA", b"AA", f"R000{turn}".encode()]
    assert is_silent(device.results)


def test_nothing_is_acknowledged_elsewhere_that_is_not_kept(
    live_region: LiveRegion, stack: ExitStack
) -> None:
    device = connect(live_region, stack, ELSEWHERE, "it calls")
    live_region.look("ALTER TABLE message RENAME TO gone")
    device.results.sendall(result(ELSEWHERE, "710100000001"))
    with pytest.raises((AssertionError, ConnectionError)):  # the results socket is dropped: send again
        segments_of(device.results)
    assert is_silent(device.orders)
    live_region.look("ALTER TABLE gone RENAME TO message")
    assert device.stage.states() == []


def test_an_acknowledgement_waits_until_the_socket_for_it_stands(
    live_region: LiveRegion, stack: ExitStack
) -> None:
    port, orders = free_port(), free_port()
    stage = place(
        live_region, read_region(), ELSEWHERE, listen_port=port, order_address=f"127.0.0.1:{orders}"
    )
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: listens(port), "the link listens")
    results = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), 20)))
    results.sendall(result(ELSEWHERE, "710100000001"))
    wait_for(lambda: stage.states() == ["received"], "the message is kept")
    listening = stack.enter_context(closing(socket.create_server(("127.0.0.1", orders))))
    listening.settimeout(20)
    answer = segments_of(accepted(stack, listening))
    assert answer[1][:3] == [b"MSA", b"AA", b"R0001"]
    assert is_silent(results)


def test_a_stopped_link_acknowledges_elsewhere_all_it_has_kept(
    live_region: LiveRegion, stack: ExitStack
) -> None:
    device = connect(live_region, stack, ELSEWHERE, "it calls")
    numbers = [f"7101000{at:05d}" for at in range(200)]
    device.results.sendall(b"".join(result(ELSEWHERE, one) for one in numbers))
    segments_of(device.orders)
    live_region.processes[0].terminate()
    rest = b""
    while piece := device.orders.recv(65536):
        rest += piece
    live_region.processes[0].wait(20)
    assert 1 + rest.count(b"MSA|AA|") == len(device.stage.states())


@pytest.mark.parametrize("layout", ["it calls", "we call"])
@pytest.mark.parametrize("way", ["results", "orders"])
def test_what_the_analyzer_says_to_an_order_counts_on_either_socket(
    live_region: LiveRegion, stack: ExitStack, layout: Layout, way: str
) -> None:
    device = connect(live_region, stack, "generic_law", layout, query_policy="preload")
    taken, refused = device.stage.tubes(2)
    answers = []
    for number, code in ((taken, "AA"), (refused, "AE")):
        with acting(device.stage.region.worker) as by:
            queue_orders(device.stage.analyzer, [number], by=by, at=NOW)
        order = segments_of(device.orders)
        answers.append(order[0][9])
        line = getattr(device, way)
        line.sendall(acknowledgement(code, order[0][9], b"ORL^O34^ORL_O42"))
    wait_for(lambda: device.stage.states("is_outgoing")[1:] == ["quarantined"], "the refusal is shown")
    assert len(set(answers)) == 2
    requests = live_region.look("SELECT state FROM work_request ORDER BY id")
    assert requests in ([("sent",), ("refused",)], [("accepted",), ("refused",)])
    assert device.stage.messages() == []  # both were awaited


def test_an_answer_that_nobody_awaits_is_shown(live_region: LiveRegion, stack: ExitStack) -> None:
    device = connect(live_region, stack, "generic_law", "it calls")
    stage = device.stage
    device.results.sendall(acknowledgement("AE", b"NEVER-SENT"))
    wait_for(lambda: stage.states() == ["quarantined"], "a person sees the refusal")
    stage.shows(error="answer_unmatched: nothing is outstanding with MSH-10 'NEVER-SENT'")
    ((problem,),) = live_region.look("SELECT problems->0 FROM message")
    assert problem["code"] == "answer_unmatched"
    assert "NEVER-SENT" in problem["detail"]
    device.orders.sendall(acknowledgement("AA", b"LATE"))
    wait_for(lambda: stage.states()[1:] == ["received"], "the late answer is kept")
    assert stage.read() == []
    assert stage.states() == ["quarantined", "filed"]
    device.orders.sendall(b"\x0b\x06\x1c\r")  # MLLP release 2
    stage.shows(error="answer_unmatched: a commit acknowledgement of MLLP release 2")
    assert len(stage.states()) == 2


def test_an_analyzer_of_that_kind_asks_and_uploads(live_region: LiveRegion) -> None:
    port, orders = free_port(), free_port()
    stage = place(
        live_region, read_region(), ELSEWHERE, listen_port=port, order_address=f"127.0.0.1:{orders}"
    )
    (number,) = stage.tubes(1)
    live_region.start("links")

    async def work() -> None:
        async with SimulatedAnalyzer(ELSEWHERE, port, orders=Listen("127.0.0.1", orders)) as device:
            assert await device.ask(number) == ()  # it measures nothing that a blood count needs
            for _ in range(3):
                await device.upload(Run(number, (Measurement("AHIV.INTR", "NR"),)))
            assert device.totals.sent_again == 0

    asyncio.run(work())
    assert stage.states() == ["answered"] + ["received"] * 3
    wait_for(lambda: stage.states("is_outgoing") == ["sent"], "the answer was taken")

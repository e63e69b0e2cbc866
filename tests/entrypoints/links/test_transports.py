"""Every way to an analyzer, from its bytes to readings: TCP both ways, a serial port, a folder, two sockets."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Cable, Folder, Listen
from aliquot.flow.instruments.actions import queue_orders
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Run
from aliquot.foundation.context import acting
from tests.entrypoints.links.lines import crossed_ports, found, in_thread, place
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region
from tests.tubes import NOW

pytestmark = pytest.mark.journey


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    with crossed_ports() as names:
        yield names


async def measured(numbers: list[str], analyzer: SimulatedAnalyzer) -> int:
    async with analyzer:
        return await analyzer.measure(numbers)


def test_an_analyzer_that_listens_is_called_and_called_again(live_region: LiveRegion) -> None:
    port = free_port()
    stage = place(live_region, read_region(), "sysmex_xn", transport="dial", address=f"127.0.0.1:{port}")
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    stage.shows("reconnecting", "refused")
    for _ in range(2):
        device = SimulatedAnalyzer("sysmex_xn", endpoint=Listen("127.0.0.1", port), measure=found)
        assert asyncio.run(measured(stage.tubes(2), device)) == 10
    assert len(stage.read()) == 20
    wait_for(lambda: stage.line()["reconnects"] == 1, "the second connection is counted")


def test_a_serial_port_carries_questions_and_results(live_region: LiveRegion, cable: tuple[str, str]) -> None:
    here, there = cable
    address = f"serial://{here}?baud=19200&bits=8N1"
    stage = place(live_region, read_region(), "sysmex_xn", transport="serial", address=address)
    live_region.start("links")
    stage.shows("connected")
    device = SimulatedAnalyzer("sysmex_xn", endpoint=Cable(there, 19200), measure=found)
    assert asyncio.run(measured(stage.tubes(2), device)) == 10
    assert len(stage.read()) == 10
    assert stage.states() == ["answered", "filed"] * 2


def test_a_serial_port_that_is_not_there_is_named(live_region: LiveRegion, tmp_path: Path) -> None:
    address = f"serial://{tmp_path}/ttyS9?baud=9600"
    stage = place(live_region, read_region(), "sysmex_xn", transport="serial", address=address)
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    stage.shows("reconnecting", "not_found")


def test_files_are_kept_and_put_away(live_region: LiveRegion, tmp_path: Path) -> None:
    stage = place(
        live_region,
        read_region(),
        "sysmex_xn",
        transport="folder",
        address=f"folder://{tmp_path}?settle=0.1&pattern=*.txt",
    )
    live_region.start("links")
    numbers = stage.tubes(3)
    folder = Folder(tmp_path)
    for number in numbers:
        records = load("sysmex_xn").result_message([Run(number, (found(number, "WBC"),))], Header(NOW))
        folder.drop(b"\r".join(records) + b"\r")
    (tmp_path / "notes.doc").write_text("is of no pattern")
    wait_for(lambda: len(list((tmp_path / "kept").glob("*"))) == 3, "the files are put away")
    assert len(stage.read()) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "notes.doc"]


def test_a_file_that_grows_is_taken_whole(live_region: LiveRegion, tmp_path: Path) -> None:
    stage = place(
        live_region, read_region(), "sysmex_xn", transport="folder", address=f"{tmp_path}?settle=0.3"
    )
    live_region.start("links")
    stage.shows("connected")
    (number,) = stage.tubes(1)
    records = load("sysmex_xn").result_message([Run(number, (found(number, "WBC"),))], Header(NOW))
    content = b"\r".join(records) + b"\r"
    with (tmp_path / "grows.txt").open("wb") as file:
        for at in range(0, len(content), 40):
            file.write(content[at : at + 40])
            file.flush()
            os.fsync(file.fileno())
    wait_for((tmp_path / "kept" / "grows.txt").exists, "the file is put away")
    assert [bytes(row[1]) for row in stage.messages()] == [content]


def test_a_folder_that_is_not_there_is_named_and_found_when_it_comes(
    live_region: LiveRegion, tmp_path: Path
) -> None:
    folder = tmp_path / "later"
    stage = place(live_region, read_region(), "sysmex_xn", transport="folder", address=f"{folder}?settle=0.1")
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    stage.shows("failed", "not_found")
    folder.mkdir()
    stage.shows("connected")


def test_an_analyzer_of_two_sockets_gets_its_orders_on_the_second(live_region: LiveRegion) -> None:
    port, orders = free_port(), free_port()
    stage = place(
        live_region,
        read_region(),
        "generic_law",
        listen_port=port,
        order_address=f"127.0.0.1:{orders}",
    )
    (number,) = stage.tubes(1)

    async def ask() -> tuple[tuple[str, ...], tuple[str, ...]]:
        device = SimulatedAnalyzer("generic_law", port, orders=Listen("127.0.0.1", orders))
        async with device:
            live_region.start("links")
            await in_thread(lambda: stage.line().get("reconnects") == 1, "both stand")
            return await device.ask(number), await device.ask("710100009999")

    codes, nothing = asyncio.run(ask())
    assert sorted(codes) == sorted(["WBC", "RBC", "HGB", "HCT", "PLT"])
    assert nothing == ()
    wait_for(lambda: stage.states() == ["answered"] * 2, "both questions are answered")
    sent = stage.messages("is_outgoing")
    assert len({row[2] for row in sent}) == 1
    assert sent[0][2].endswith(f":{orders}")
    assert [b"ORC|DC" in bytes(row[1]) for row in sent] == [False, True]
    assert all(bytes(row[1]).count(b"MSH") == 1 for row in sent)


def test_work_is_sent_to_an_analyzer_that_does_not_ask(live_region: LiveRegion) -> None:
    port = free_port()
    stage = place(live_region, read_region(), "generic_astm", listen_port=port, query_policy="preload")
    live_region.start("links")
    wait_for(lambda: listens(port), "the link listens")
    numbers = stage.tubes(3)
    with acting(stage.region.worker) as by:
        assert queue_orders(stage.analyzer, numbers, by=by, at=NOW) == 3

    async def wait_for_work() -> None:
        async with SimulatedAnalyzer("generic_astm", port):
            await in_thread(lambda: stage.states("is_outgoing") == ["sent"] * 3, "all work is sent")

    asyncio.run(wait_for_work())
    said = [bytes(row[1]) for row in stage.messages("is_outgoing")]
    assert [number.encode() in one for number, one in zip(numbers, said, strict=True)] == [True] * 3
    assert live_region.look("SELECT DISTINCT state FROM work_request") == [("sent",)]


def block_of(line: socket.socket) -> list[bytes]:
    """The segments of the next MLLP block."""
    data = b""
    while not data.endswith(b"\x1c\r"):
        piece = line.recv(65536)
        assert piece, "the host hung up"
        data += piece
    return data[1:-2].rstrip(b"\r").split(b"\r")


def test_an_order_that_the_analyzer_refuses_waits_for_a_person(live_region: LiveRegion) -> None:
    port = free_port()
    stage = place(live_region, read_region(), "generic_law", listen_port=port, query_policy="preload")
    live_region.start("links")
    wait_for(lambda: listens(port), "the link listens")
    (number,) = stage.tubes(1)
    with acting(stage.region.worker) as by:
        queue_orders(stage.analyzer, [number], by=by, at=NOW)
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as line:
        head = block_of(line)[0].split(b"|")
        answer = [
            b"MSH|^~\\&|AN||HOST||20260302090000||ORL^O34^ORL_O42|77|P|2.5.1",
            b"MSA|AA|" + head[9],
            b"SPM|1|" + number.encode(),
            b"ORC|UA",
        ]
        line.sendall(b"\x0b" + b"\r".join(answer) + b"\r\x1c\r")
        wait_for(lambda: stage.states("is_outgoing") == ["quarantined"], "a person is told")
    assert live_region.look("SELECT state FROM work_request") == [("refused",)]

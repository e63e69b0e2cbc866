"""Analyzers on real sockets, the link process and a real database: what is acknowledged is kept."""

import asyncio
from dataclasses import dataclass

import pytest

from aliquot.entrypoints.simulate import SimulatedAnalyzer, ordered_codes
from aliquot.flow.instruments.actions import read_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.wire.astm_link import ACK, ENQ, EOT, frames_of
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import Region, read_region
from tests.tubes import NOW, make_accepted_tubes, make_analyzer

pytestmark = pytest.mark.journey

RECORDS = [
    b"H|\\^&|||XN-550",
    b"P|1",
    b"O|1||^^%s^M|^^^^WBC|||||||N",
    b"R|1|^^^^WBC^1|6.1|10*3/uL||N||F||||20260302100000",
    b"L|1|N",
]


@dataclass(frozen=True, slots=True)
class Line:
    """A running link process with one analyzer to listen for."""

    live: LiveRegion
    region: Region
    analyzer: Analyzer
    port: int

    def tubes(self, count: int) -> list[str]:
        return make_accepted_tubes(self.region.hub, self.region.clinic, count)

    def states(self) -> list[str]:
        return [
            row[0] for row in self.live.look("SELECT state FROM message WHERE NOT is_outgoing ORDER BY id")
        ]

    def problems(self) -> list[str]:
        rows = self.live.look(
            "SELECT problems->0->>'code' FROM message WHERE state = 'quarantined' ORDER BY id"
        )
        return [row[0] for row in rows]

    def read(self) -> list[str]:
        with acting(self.region.worker) as by:
            return [one.value_text for one in read_messages(limit=100, by=by, at=NOW)]


@pytest.fixture
def line(live_region: LiveRegion) -> Line:
    region, port = read_region(), free_port()
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-T", port)
    live_region.start("links")
    wait_for(lambda: listens(port), "the link listens")
    return Line(live_region, region, analyzer, port)


def found(number: str, code: str) -> Measurement:
    units = load("sysmex_xn").tests
    return Measurement(code, f"{10 + int(number[-3:]) % 7}", units[code].device_unit)


def raw_session(port: int, *pieces: bytes) -> bytes:
    """What comes back when these pieces are sent one after the other and the line is closed."""

    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answers = b""
        for piece in pieces:
            writer.write(piece)
            if piece.endswith(EOT):  # nobody answers it
                continue
            try:
                answers += await asyncio.wait_for(reader.read(100), 1)
            except TimeoutError:
                answers += b"-"
        writer.close()
        await writer.wait_closed()
        return answers

    return asyncio.run(talk())


def test_an_analyzer_asks_measures_and_uploads(line: Line) -> None:
    numbers = line.tubes(3)

    async def work() -> int:
        async with SimulatedAnalyzer("sysmex_xn", line.port, measure=found) as analyzer:
            return await analyzer.measure([*numbers, "710100009999"])

    assert asyncio.run(work()) == 15
    assert line.states() == ["answered", "received"] * 3 + ["answered"]
    assert len(line.read()) == 15
    assert {row[0] for row in line.live.look("SELECT state FROM message WHERE is_outgoing")} == {"sent"}


def test_the_answer_names_what_is_to_be_measured(line: Line) -> None:
    (number,) = line.tubes(1)

    async def ask() -> tuple[str, ...]:
        async with SimulatedAnalyzer("sysmex_xn", line.port) as analyzer:
            return await analyzer.ask(number)

    codes = asyncio.run(ask())
    assert sorted(codes) == ["HCT", "HGB", "PLT", "RBC", "WBC"]
    (content,) = line.live.look("SELECT content FROM message WHERE is_outgoing")[0]
    assert sorted(ordered_codes(load("sysmex_xn"), bytes(content))) == sorted(codes)


def test_every_final_acknowledgement_stands_for_a_kept_message(line: Line) -> None:
    frames = frames_of(RECORDS)
    assert raw_session(line.port, ENQ, *frames, EOT).startswith(ACK * 6)
    assert line.states() == ["received"]


def test_a_damaged_frame_is_refused_and_accepted_when_it_comes_right(line: Line) -> None:
    (number,) = line.tubes(1)
    damaged = [True]

    def mangle(data: bytes) -> bytes:
        if b"10*3/uL" in data and damaged:
            damaged.pop()
            return data.replace(b"10*3", b"10*6")
        return data

    async def work() -> int:
        async with SimulatedAnalyzer("sysmex_xn", line.port, measure=found, mangle=mangle) as analyzer:
            return await analyzer.measure([number])

    assert asyncio.run(work()) == 5
    assert not damaged
    assert line.problems() == []
    assert len(line.read()) == 5


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        ([ENQ, *frames_of(RECORDS)[:3]], "incomplete"),
        ([ENQ, frames_of(RECORDS)[0].replace(b"XN", b"XM"), EOT], "frame_refused"),
        ([b"".join(frames_of(RECORDS)[2:]) + EOT], "unintelligible"),
        ([ENQ, *frames_of([b"Z|this is no H record", b"L|1"]), EOT], "unintelligible"),
    ],
)
def test_what_is_no_message_waits_where_a_person_sees_it(
    line: Line, pieces: list[bytes], problem: str
) -> None:
    raw_session(line.port, *pieces)
    wait_for(line.problems, "a problem is kept")
    assert line.problems() == [problem]


def test_a_work_order_that_was_not_taken_waits_where_a_person_sees_it(line: Line) -> None:
    (number,) = line.tubes(1)
    question = load("sysmex_xn").query_message(number, Header(NOW))

    async def ask_and_leave() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        for frame in (ENQ, *frames_of(question)):
            writer.write(frame)
            assert await reader.readexactly(1) == ACK
        writer.write(EOT)
        assert await asyncio.wait_for(reader.readexactly(1), 5) == ENQ  # the host has an answer
        writer.close()
        await writer.wait_closed()

    asyncio.run(ask_and_leave())
    wait_for(line.problems, "the order is shown")
    assert line.problems() == ["undelivered"]
    assert line.states() == ["answered"]


def test_an_analyzer_that_is_added_moved_or_removed_is_followed(line: Line) -> None:
    moved, port = free_port(), line.port
    by = system_actor("setup", frozenset({line.region.hub.pk}))
    with acting(by):
        Analyzer.objects.filter(pk=line.analyzer.pk).update(listen_port=moved)
    wait_for(lambda: listens(moved) and not listens(port), "the new port is used")
    with acting(by):
        Analyzer.objects.filter(pk=line.analyzer.pk).update(is_active=False)
    wait_for(lambda: not listens(moved), "nobody listens for an analyzer out of use")


def test_a_store_that_fails_acknowledges_nothing_and_drops_the_line(line: Line) -> None:
    line.live.look("ALTER TABLE message RENAME TO gone")
    answers = raw_session(line.port, ENQ, *frames_of(RECORDS))
    assert answers == ACK * 5
    line.live.look("ALTER TABLE gone RENAME TO message")
    assert line.states() == []
    assert raw_session(line.port, ENQ, *frames_of(RECORDS), EOT).startswith(ACK * 6)
    assert line.states() == ["received"]


def test_a_stopped_link_has_kept_all_it_acknowledged(line: Line) -> None:
    numbers = line.tubes(60)

    async def work() -> int:
        async with SimulatedAnalyzer("sysmex_xn", line.port) as analyzer:
            sent = [analyzer.send([Run(number, (found(number, "WBC"),))]) for number in numbers]
            await sent[20]
            line.live.processes[0].terminate()
            await asyncio.to_thread(line.live.processes[0].wait, 10)
            return sum(one.done() for one in sent)

    acknowledged = asyncio.run(work())
    assert line.live.processes[0].returncode == 0
    assert 20 < acknowledged <= len(line.states()) <= acknowledged + 1

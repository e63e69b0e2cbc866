"""What goes wrong around a line is named where people look, nothing is acknowledged that is not kept, and it ends."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.actions import start_driver, stop_driver
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.traffic import Piece, unpack
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.postgres import ensure_running
from aliquot.wire.astm_link import ACK, ENQ, EOT, NAK, frames_of
from tests.conftest import TEST_HOME
from tests.entrypoints.links.lines import Stage, found, in_thread, place
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region
from tests.tubes import NOW

pytestmark = pytest.mark.journey

RECORDS = [
    b"H|\\^&|||XN-550",
    b"P|1",
    b"O|1||^^%s^M|^^^^WBC|||||||N",
    b"R|1|^^^^WBC^1|6.1|10*3/uL||N||F||||20260302100000",
    b"L|1|N",
]
SESSION = [ENQ, *frames_of(RECORDS), EOT]
FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END$$;
CREATE CONSTRAINT TRIGGER no_room AFTER INSERT ON message DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION no_room()
"""


@pytest.fixture
def stage(live_region: LiveRegion) -> Stage:
    port = free_port()
    found = place(live_region, read_region(), "sysmex_xn", listen_port=port)
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: listens(port), "the link listens")
    return found


def port_of(stage: Stage) -> int:
    assert stage.analyzer.listen_port
    return stage.analyzer.listen_port


def said(port: int, *pieces: bytes) -> bytes:
    """What the host answers when these pieces are sent one after the other, each after the last one's answer."""
    answers = b""
    with closing(socket.create_connection(("127.0.0.1", port), 10)) as line:
        line.settimeout(12)
        for piece in pieces:
            line.sendall(piece)
            if piece != EOT:
                try:
                    answer = line.recv(100)
                except ConnectionError:
                    answer = b""
                if not answer:
                    break
                answers += answer
    return answers


def test_a_port_in_use_is_named_and_taken_when_it_is_free(live_region: LiveRegion) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        stage = place(live_region, read_region(), "sysmex_xn", listen_port=port)
        live_region.start("links", ALIQUOT_LOG="CRITICAL")
        stage.shows("failed", "port_in_use")
    stage.shows("listening")
    assert said(port, *SESSION) == ACK * 6


def test_a_damaged_frame_that_never_comes_again_is_shown_where_no_session_ends(
    live_region: LiveRegion,
) -> None:
    port = free_port()
    stage = place(live_region, read_region(), "siemens_dimension_exl", listen_port=port)
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    wait_for(lambda: listens(port), "the link listens")
    assert said(port, b"\x02R\x1c1\x1c7\x1c00\x03") == NAK
    wait_for(lambda: stage.states() == ["quarantined"], "the frame waits for a person")
    assert b"R\x1c1\x1c7" in stage.messages()[0][1]


def test_a_commit_that_finds_the_disk_full_acknowledges_nothing(stage: Stage) -> None:
    stage.live.look(FULL)
    assert said(port_of(stage), *SESSION) == ACK * 5
    stage.shows(error="disk_full")
    stage.live.look("DROP TRIGGER no_room ON message")
    assert stage.states() == []
    assert said(port_of(stage), *SESSION) == ACK * 6
    assert stage.states() == ["received"]


@pytest.fixture
def small_disk(live_region: LiveRegion, tmp_path: Path) -> Iterator[Callable[[str], object]]:
    """The messages lie on a disk of a few hundred kilobytes; call it with another size to change that."""
    disk = Path("/tmp") / f"aliquot-disk-{os.getpid()}"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        disk.rmdir()
        pytest.skip("only root may mount a small disk")
    url = ensure_running(TEST_HOME).superuser_url
    name = live_region.owner_url.rpartition("/")[2]
    tablespace = sql.Identifier(f"small_{os.getpid()}")
    here = url.rpartition("/")[0] + "/" + name
    with psycopg.connect(here, autocommit=True) as admin:
        ((data,),) = admin.execute("SHOW data_directory").fetchall()
        os.chown(disk, Path(data).stat().st_uid, Path(data).stat().st_gid)
        admin.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(tablespace, str(disk)))
        admin.execute(sql.SQL("ALTER TABLE message SET TABLESPACE {}").format(tablespace))
        yield lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)
        live_region.end_processes()
        admin.execute("ALTER TABLE message SET TABLESPACE pg_default")
        admin.execute(sql.SQL("DROP TABLESPACE {}").format(tablespace))
    subprocess.run(["umount", str(disk)], check=True)
    disk.rmdir()


def fill_up(stage: Stage, flood: str) -> None:
    """Insert until the disk says that it is full, to the last page."""
    for size in (100_000, 1500):
        try:
            for _ in range(2000):
                stage.live.look(flood, os.urandom(size))
        except psycopg.errors.DiskFull:
            continue
        pytest.fail("the disk did not fill up")


def test_a_disk_that_fills_up_loses_no_acknowledged_message(
    stage: Stage, small_disk: Callable[[str], object]
) -> None:
    port, count = port_of(stage), 0
    flood = """
        INSERT INTO message (laboratory_id, analyzer_id, received_at, connection, content, digest, state, is_outgoing,
                             problems, decided_by)
        SELECT laboratory_id, id, now(), 'flood', %s, '\\x00', 'received', false, '[]', ''
          FROM analyzer WHERE code = 'LINE-T'"""
    fill_up(stage, flood)
    while said(port, *SESSION) == ACK * 6:  # what fits into the last page
        count += 1
    stage.shows(error="disk_full")
    assert said(port, *SESSION) == ACK * 5
    small_disk("32m")
    assert said(port, *SESSION) == ACK * 6
    assert len(stage.states("connection <> 'flood'")) == count + 1


def test_without_a_database_nothing_is_acknowledged_and_afterwards_everything(stage: Stage) -> None:
    name = stage.live.owner_url.rpartition("/")[2]
    away = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(ensure_running(TEST_HOME).superuser_url, autocommit=True) as admin:
        admin.execute(away.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute(end, (name,))
        try:
            assert said(port_of(stage), *SESSION) == ACK * 5
        finally:
            admin.execute(away.format(sql.Identifier(name), sql.SQL("true")))
    stage.shows(error="database_away")
    assert stage.states() == []
    wait_for(lambda: said(port_of(stage), *SESSION) == ACK * 6, "the message is kept")
    assert len(stage.states()) == 1


def test_what_came_while_the_database_was_away_is_in_the_ledger_afterwards(stage: Stage) -> None:
    stage.live.look("ALTER TABLE message RENAME TO gone")
    assert said(port_of(stage), *SESSION) == ACK * 5
    stage.live.look("ALTER TABLE gone RENAME TO message")
    whole = b"".join(SESSION[:-1])
    wait_for(lambda: heard(stage) == [whole], "the bytes are kept")


def heard(stage: Stage) -> list[bytes]:
    """Everything each connection brought, in the order of the connections."""
    return [b"".join(one.data for one in talk if not one.is_outgoing) for talk in talks(stage)]


def talks(stage: Stage) -> list[list[Piece]]:
    rows = stage.live.look("SELECT connection, content FROM traffic ORDER BY began_at, id")
    found: dict[str, list[Piece]] = {}
    for name, content in rows:
        found.setdefault(name, []).extend(unpack(bytes(content)))
    return list(found.values())


def test_every_byte_of_both_directions_is_kept(stage: Stage) -> None:
    port = port_of(stage)
    damaged = SESSION[3].replace(b"WBC", b"RBC", 1)
    pieces = [b"\x00noise" + ENQ, *SESSION[1:3], damaged, *SESSION[3:]]
    answers = said(port, *pieces)
    assert answers == ACK * 3 + b"\x15" + ACK * 3
    wait_for(lambda: b"".join(pieces) in heard(stage), "the bytes are kept")
    (talk,) = [
        one for one in talks(stage) if b"".join(p.data for p in one if not p.is_outgoing) == b"".join(pieces)
    ]
    assert b"".join(piece.data for piece in talk if piece.is_outgoing) == answers
    assert [row[0] for row in stage.live.look("SELECT traffic_id IS NOT NULL FROM message")] == [True]
    stage.shows("listening", "")
    wait_for(lambda: stage.line()["frames_refused"] == 1, "the refused frame is counted")


def test_a_line_watches_whether_its_peer_is_alive(stage: Stage) -> None:
    port = port_of(stage)
    with closing(socket.create_connection(("127.0.0.1", port))) as line:
        line.sendall(ENQ)
        assert line.recv(1) == ACK
        local = f":{port:04X}"
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        (timer,) = [row[5] for row in rows if row[1].endswith(local) and row[3] == "01"]
    kind, left = timer.split(":")
    assert kind == "02"  # the timer of the system's probes
    assert int(left, 16) <= 31 * os.sysconf("SC_CLK_TCK")


def test_what_an_analyzer_of_a_stopped_driver_sends_is_kept_and_acknowledged(stage: Stage) -> None:
    (number,) = stage.tubes(1)
    by = system_actor("setup", frozenset({stage.region.hub.pk}))
    with acting(by):
        stop_driver("sysmex_xn", reason="a flag is read wrongly", by=by, at=NOW)
    question = [ENQ, *frames_of(load("sysmex_xn").query_message(number, Header(NOW))), EOT]

    def is_noticed() -> bool:
        assert said(port_of(stage), *question).startswith(ACK * 4)
        return stage.states()[-1] == "received"

    wait_for(is_noticed, "the driver is stopped: a question is kept and not answered")

    async def upload() -> None:
        async with SimulatedAnalyzer("sysmex_xn", port_of(stage), measure=found) as analyzer:
            await analyzer.upload(Run(number, (found(number, "WBC"),)))

    asyncio.run(upload())
    assert stage.states()[-2:] == ["received"] * 2
    assert stage.read() == []
    with acting(by):
        start_driver("sysmex_xn", reason="mended", by=by, at=NOW)
    assert len(stage.read()) == 1


def test_the_clock_of_a_device_is_compared_with_ours(live_region: LiveRegion) -> None:
    port = free_port()
    stage = place(live_region, read_region(), "generic_astm", listen_port=port)
    live_region.start("links")
    wait_for(lambda: listens(port), "the link listens")

    async def work() -> None:
        async with SimulatedAnalyzer("generic_astm", port, skew=-5400.0) as analyzer:
            await analyzer.upload(Run("1", (Measurement("WBC", "5.1"),)))
            await in_thread(lambda: stage.line().get("clock_skew_seconds"), "the skew is written")

    asyncio.run(work())
    zone = 3 * 3600  # the device writes UTC, the analyzer stands in Moscow
    assert abs(stage.line()["clock_skew_seconds"] + 5400 + zone) < 30


def test_an_analyzer_without_driver_is_named(live_region: LiveRegion) -> None:
    stage = place(live_region, read_region(), "sysmex_xn", listen_port=free_port())
    with acting(system_actor("setup", frozenset({stage.region.hub.pk}))):
        type(stage.analyzer).objects.filter(pk=stage.analyzer.pk).update(driver="no_such_model")
    live_region.start("links", ALIQUOT_LOG="CRITICAL")
    stage.shows("failed", "bad_driver")

"""`aliquot bench links`: a measurement of seconds runs to its end, and its counts agree. Nothing is timed here."""

import json
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from aliquot.entrypoints.bench.laboratory import free_ports
from aliquot.entrypoints.bench.links.captures import FEEDS, FIELDS, load_captures
from aliquot.entrypoints.bench.links.lines import install_lines
from aliquot.entrypoints.bench.links.load import Sent, start_load
from aliquot.entrypoints.bench.links.messages import astm_template, mllp_template
from aliquot.entrypoints.bench.links.peer_program import astm_rows
from aliquot.entrypoints.bench.links.peers import PEERS, Peers
from aliquot.entrypoints.bench.links.receiving import reconciled, running
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.links.parcel import Parcel
from aliquot.entrypoints.links.store import Store
from aliquot.flow.instruments.rules.driver import load
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.links import open_link
from aliquot.wire.mllp import MllpProfile
from tests.conftest import TEST_HOME
from tests.processes import MAIN, ROOT, LiveRegion

SMALL = ["--connections", "2", "--seconds", "0.5", "--orders", "20", "--queries", "4", "--no-peers"]
PERCENTILES = {"p50_ms", "p95_ms", "p99_ms", "max_ms"}


def bench(*arguments: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALIQUOT_")}
    return subprocess.run(
        [sys.executable, "-c", MAIN, "bench", "links", *arguments],
        env={**clean, "ALIQUOT_HOME": str(TEST_HOME), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.journey
def test_a_measurement_of_seconds_agrees_with_itself(django_db_setup: None, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    ended = bench(*SMALL, "--json", "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(out.read_text())
    assert json.loads(ended.stdout) == found
    assert set(found) == {"schema", "measured_at", "machine", "peers", "decoding", "receiving", "queries"}
    assert found["schema"] == 1
    assert found["peers"] == dict.fromkeys(PEERS, "not asked for")
    decoded = found["decoding"]["astm"]["aliquot"]
    assert set(decoded["feeds"]) == set(FEEDS)
    assert decoded["records_per_second"] > 0
    assert all(one["results_wrong"] == 0 for one in decoded["feeds"].values())
    for kind in ("astm", "mllp"):
        _agrees(found["receiving"][kind])
    asked = found["queries"]
    assert (asked["queries"], asked["open_orders"]) == (4, 20)
    assert set(asked["answer_complete"]) == PERCENTILES
    assert asked["tests_each"] >= 1


def _agrees(part: dict[str, Any]) -> None:
    """A kind of line that no driver speaks is said to be absent; any other is stored as acknowledged."""
    if "absent" in part:
        return
    durable = part["durable"]
    counts = durable["counts"]
    assert counts["acknowledged"] == counts["stored"] == durable["messages"] > 0
    assert counts["lost"] == counts["twice"] == counts["stored_unacknowledged"] == 0
    assert set(durable["receipt"]) == set(durable["message"]) == PERCENTILES
    assert durable["fsyncs_per_second"] > 0
    assert set(durable["processor_seconds"]) == {"links", "load", "database"}
    bare = part["storing_nothing"]["bare_loop"]
    assert bare["messages"] > 0
    assert "fault" not in bare


@pytest.mark.journey
@pytest.mark.parametrize(("acknowledged", "complaint"), [(3, "'lost': 1"), (1, "'stored_unacknowledged': 1")])
def test_what_is_not_stored_as_acknowledged_fails_the_measurement(
    live_region: LiveRegion, acknowledged: int, complaint: str
) -> None:
    template = astm_template(timezone.now(), ZoneInfo("UTC"))
    lines, store = install_lines(1, at=timezone.now()), Store()
    (line,) = [one for one in store.lines() if one.id == lines.analyzers["astm"][0]]
    contents = [template.content_of(0, place) for place in range(2)]
    store.keep([Parcel(line, "here", time.time(), content=content) for content in contents])
    session = Session(live_region.owner_url)
    try:
        counts = reconciled(session, lines, template, _sent(2), 0)
        assert (counts["acknowledged"], counts["stored"], counts["lost"]) == (2, 2, 0)
        with pytest.raises(MeasurementError, match=complaint):
            reconciled(session, lines, template, _sent(acknowledged), 0)
    finally:
        session.close()


def _sent(acknowledged: int) -> Sent:
    return Sent({0: acknowledged}, [], [], 1.0, 0)


@pytest.mark.parametrize("corpus", [None, Path("/nowhere")])
def test_every_feed_brings_the_same_bytes(corpus: Path | None) -> None:
    captures = load_captures(corpus) if corpus else load_captures()
    assert any(one.results for one in captures)
    for one in captures:
        assert all(len(row) == len(FIELDS[one.family]) for row in one.results)
        for feed, most in FEEDS.items():
            pieces = one.pieces(feed)
            assert b"".join(pieces) == one.data
            assert not most or all(len(piece) <= most for piece in pieces)


def test_numbered_messages_are_what_the_receiver_joins() -> None:
    at = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    astm, mllp = astm_template(at, ZoneInfo("UTC")), mllp_template(at)
    assert len(astm.writes) == 16  # ENQ and fifteen frames
    for template, profile in ((astm, load("sysmex_xn").framing), (mllp, MllpProfile())):
        for place in (0, 41):
            link = open_link("computer", profile)
            events = [event for one in template.numbered(7, place) for event in link.receive(one, 0.0)]
            (message,) = [one for one in events if isinstance(one, MessageReceived)]
            assert message.content.rstrip(b"\r") == template.content_of(7, place).rstrip(b"\r")
        assert template.content_of(7, 0) != template.content_of(7, 1)


@pytest.mark.parametrize("kind", ["astm", "mllp"])
def test_the_load_counts_what_a_bare_loop_acknowledges(kind: str) -> None:
    at = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    template = astm_template(at, ZoneInfo("UTC")) if kind == "astm" else mllp_template(at)
    (port,) = free_ports(1)
    with running([sys.executable, "-m", "aliquot.entrypoints.bench.links.bare", kind, str(port)]):
        load_ = start_load(template, [port, port], 0.2)
        load_.begin()
        sent = load_.finish()
    assert sent.fault == ""
    assert sent.total == len(sent.receipts) == len(sent.messages) > 0
    assert set(sent.acknowledged) == {0, 1}
    assert sent.refused == 0


def test_a_line_that_is_closed_is_a_named_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        load_ = start_load(mllp_template(datetime(2026, 3, 1, tzinfo=UTC)), [server.getsockname()[1]], 5.0)
        server.accept()[0].close()
        load_.begin()
        sent = load_.finish()
    assert "line 0" in sent.fault
    assert sent.total == 0


def test_libraries_that_cannot_be_installed_are_named_and_left_out(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    peers = Peers(in_the_way / "peers")
    peers.prepare(lambda _: None)
    assert set(peers.absent) == set(PEERS)
    assert all("no environment could be made" in reason for reason in peers.versions().values())


def test_other_libraries_records_become_the_same_rows() -> None:
    records: list[list[Any]] = [
        ["O", "1", ["77", "rack"], None, None],
        ["R", "1", [None, None, None, "GLU"], "5.1", "mmol/L", None, [["H", None], ["A"]], None, "F"],
    ]
    assert astm_rows(records) == [["77^rack", "^^^GLU", "5.1", "mmol/L", "", "H^\\A", "F", ""]]

"""Bytes to records and readings without a database: ours beside other libraries on the same captures."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aliquot.entrypoints.bench.links.captures import FEEDS, FIELDS, Capture, Family, Row
from aliquot.entrypoints.bench.links.peers import PEERS, Peers
from aliquot.entrypoints.bench.processes import MAIN
from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.wire import astm_records, hl7
from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.mllp import MllpProfile

Rows = Mapping[str, Mapping[str, Sequence[Row]]]  # feed, capture, its results
OURS = "aliquot"
_PROFILES: Mapping[Family, LinkProfile] = {  # as tolerant as a line without a driver is
    "astm": FramingProfile(wraps_to_one=True, restarts_with_header=True),
    "hl7": MllpProfile(),
}


def _segments(content: bytes) -> list[list[str]]:
    """The fields of every segment, which our parser would not split before they are asked for."""
    return [segment.fields for segment in hl7.parse(content).segments]


_GRAMMARS: Mapping[Family, Callable[[bytes], object]] = {"astm": astm_records.parse, "hl7": _segments}


@dataclass(frozen=True, slots=True)
class Ours:
    """What our own command read in each feed, and the model it took each capture to be of."""

    rows: Rows
    models: Mapping[str, str]


def measure_decoding(captures: Sequence[Capture], peers: Peers, seconds: float) -> dict[str, Any]:
    """Files and results right in every feed, and streams a second, of ours and each library at hand.

    Rates are taken on the captures that all of them read exactly, one frame or block a read.
    """
    found: dict[str, Any] = {}
    for family in FIELDS:
        chosen = [one for one in captures if one.family == family]
        if chosen:
            found[family] = _family(family, chosen, peers, seconds)
    return found


def _family(family: Family, captures: Sequence[Capture], peers: Peers, seconds: float) -> dict[str, Any]:
    able = [peer for peer in PEERS if PEERS[peer] == family and peers.has(peer)]
    ours = _ours(captures)
    rows: dict[str, Rows] = {OURS: ours.rows}
    rows |= {peer: peers.decode(peer, captures, [], 0.0).rows for peer in able}
    shared = [
        one for one in captures if one.results and all(_exact(one, rows[who], "frames") for who in rows)
    ]
    rates: dict[str, dict[str, float]] = {OURS: _our_rates(family, shared, ours.models, seconds)}
    for peer in able:
        timed = peers.decode(peer, shared, [one.name for one in shared], seconds)
        rates[peer] = {"records_per_second": timed.streams_per_second}
    return {
        "files": len(captures),
        "results": sum(len(one.results) for one in captures),
        "rate_on_files": len(shared),
        **{who: {**rates[who], "feeds": _marks(captures, rows[who])} for who in rows},
    }


def _marks(captures: Sequence[Capture], rows: Rows) -> dict[str, dict[str, int]]:
    return {
        feed: {
            "files_exact": sum(_exact(one, rows, feed) for one in captures),
            "results_right": sum(_right(one, rows, feed) for one in captures),
            "results_wrong": sum(_wrong(one, rows, feed) for one in captures),
        }
        for feed in FEEDS
    }


def _exact(capture: Capture, rows: Rows, feed: str) -> bool:
    return tuple(map(tuple, rows[feed].get(capture.name, ()))) == capture.results


def _right(capture: Capture, rows: Rows, feed: str) -> int:
    found = Counter(map(tuple, rows[feed].get(capture.name, ())))
    return (found & Counter(capture.results)).total()


def _wrong(capture: Capture, rows: Rows, feed: str) -> int:
    """Results that the stream does not hold, or holds less often."""
    found = Counter(map(tuple, rows[feed].get(capture.name, ())))
    return (found - Counter(capture.results)).total()


def _ours(captures: Sequence[Capture]) -> Ours:
    """What `aliquot decode` prints for each file in each feed: the command a person would use."""
    rows: dict[str, dict[str, list[Row]]] = {}
    models: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="aliquot-bench-") as folder:
        files = {}
        for place, one in enumerate(captures):
            path = Path(folder) / f"{place}{Path(one.name).suffix}"
            path.write_bytes(one.data)
            files[str(path)] = one
        for feed in FEEDS:
            rows[feed] = {one.name: [] for one in captures}
            for found in _decoded(list(files), "whole" if feed == "frames" else feed):
                capture = files[found["file"]]
                if "test" in found:
                    fields = (found.get(name, "") for name in FIELDS[capture.family])
                    rows[feed][capture.name].append(tuple(fields))
                models |= {capture.name: found["driver"]} if "driver" in found else {}
    return Ours(rows, models)


def _decoded(files: Sequence[str], feed: str) -> list[dict[str, Any]]:
    call = [sys.executable, "-c", MAIN, "decode", "--json", "--feed", feed, *files]
    ended = subprocess.run(call, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    return [json.loads(line) for line in ended.stdout.splitlines()]


def _our_rates(
    family: Family, captures: Sequence[Capture], models: Mapping[str, str], seconds: float
) -> dict[str, float]:
    parse = _GRAMMARS[family]
    drivers = [load(models[one.name]) if one.name in models else None for one in captures]
    streams = [one.pieces("frames") for one in captures]
    profiles = [driver.framing if driver else _PROFILES[family] for driver in drivers]
    known = [(one, driver) for one, driver in zip(streams, drivers, strict=True) if driver]

    def records(pieces: Sequence[bytes], profile: LinkProfile) -> None:
        for content in _contents(pieces, profile):
            parse(content)

    def readings(pieces: Sequence[bytes], driver: Driver) -> None:
        for content in _contents(pieces, driver.framing):
            driver.read(content)

    return {
        "records_per_second": _rate(records, list(zip(streams, profiles, strict=True)), seconds),
        "readings_per_second": _rate(readings, known, seconds),
        "readings_on_files": len(known),
    }


def _contents(pieces: Sequence[bytes], profile: LinkProfile) -> list[bytes]:
    link = open_link("computer", profile)
    events = [event for piece in pieces for event in link.receive(piece, 0.0)]
    return [event.content for event in events if isinstance(event, MessageReceived)]


def _rate(decode: Callable[..., None], calls: Sequence[tuple[Any, ...]], seconds: float) -> float:
    """How many of these a second; each round decodes all of them."""
    began, done = time.perf_counter(), 0
    while calls and time.perf_counter() - began < seconds:
        for one in calls:
            decode(*one)
        done += len(calls)
    return round(done / (time.perf_counter() - began), 1)

"""How a line fares, what is wrong with it, and the stop switch of its driver."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from aliquot.flow.instruments.actions import (
    KeptMessage,
    LineFacts,
    keep_messages,
    note_line_states,
    read_messages,
    start_driver,
    stop_driver,
)
from aliquot.flow.instruments.models import Analyzer, DriverStop, LineState, Message
from aliquot.flow.instruments.queries import analyzer_lines, line_healths, stopped_drivers, watched_lines
from aliquot.flow.instruments.rules.alarms import ALARMS, Alarm, LineHealth, describe_alarm, line_alarms
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def health(**changes: Any) -> LineHealth:
    """A line that is well: connected, heard a minute ago, nothing waits."""
    nothing: dict[str, Any] = {
        one.name: 0 for one in fields(LineHealth) if one.type == "int" or one.type is int
    }
    moments = {
        "state_since": AT - 60 * MINUTE,
        "updated_at": AT,
        "connected_since": AT - 60 * MINUTE,
        "last_byte_at": AT - MINUTE,
        "last_message_at": AT - MINUTE,
        "last_error_at": None,
        "oldest_unread_at": None,
        "oldest_queued_at": None,
        "stopped_since": None,
    }
    words = {"code": "XN-T", "name": "XN", "driver": "sysmex_xn", "state": "connected"}
    given = {**nothing, **moments, **words, "is_active": True, "clock_skew_seconds": None}
    return LineHealth(**{**given, "last_error": "", "stop_reason": "", **changes})


def test_a_line_that_is_well_raises_no_alarm() -> None:
    assert line_alarms(health(), at=AT) == []


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"updated_at": AT - MINUTE}, "not_served", "danger"),
    ({"updated_at": None, "state": ""}, "not_served", "danger"),
    ({"state": "failed", "last_error": "port_in_use: 15001"}, "failed", "danger"),
    ({"state": "reconnecting"}, "reconnecting", "danger"),
    ({"last_byte_at": AT - 300 * MINUTE, "connected_since": AT - 400 * MINUTE}, "silent", "warning"),
    ({"oldest_unread_at": AT - 3 * MINUTE, "unread": 7}, "unread", "danger"),
    ({"oldest_queued_at": AT - 6 * MINUTE, "queued": 2}, "queued", "warning"),
    ({"undelivered": 1}, "undelivered", "danger"),
    ({"waiting": 1}, "waiting", "warning"),
    ({"window_accepted": 20, "window_refused": 5}, "refused_frames", "warning"),
    ({"clock_skew_seconds": -301.0}, "clock_skew", "warning"),
    ({"bytes_in": 200}, "gibberish", "danger"),
    ({"stopped_since": AT, "stop_reason": "wrong units"}, "stopped", "danger"),
    ({"last_error": "disk_full: no space", "last_error_at": AT - MINUTE}, "database_refused", "danger"),
    ({"last_error": "clogged: too much", "last_error_at": AT - MINUTE}, "database_refused", "danger"),
    ({"last_error": "reset: peer", "last_error_at": AT - MINUTE}, "error", "warning"),
]


@pytest.mark.parametrize(("changes", "code", "severity"), WRONG)
def test_each_alarm_has_its_limit_and_its_words(changes: dict[str, Any], code: str, severity: str) -> None:
    (alarm,) = line_alarms(health(**changes), at=AT)
    assert (alarm.code, alarm.severity) == (code, severity)
    for language in ("en", "ru"):
        assert "{" not in describe_alarm(alarm, language)
    assert describe_alarm(alarm, "en") != describe_alarm(alarm, "ru")
    assert line_alarms(health(**changes, is_active=False), at=AT) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"updated_at": AT - timedelta(seconds=15)},
        {"state": "reconnecting", "state_since": AT - timedelta(seconds=30)},
        {"last_byte_at": AT - 240 * MINUTE, "connected_since": AT - 400 * MINUTE},
        {"last_byte_at": AT - 300 * MINUTE, "connected_since": AT - 10 * MINUTE},
        {"oldest_unread_at": AT - 2 * MINUTE, "unread": 7},
        {"oldest_unread_at": AT - 9 * MINUTE, "unread": 7, "stopped_since": AT},
        {"window_accepted": 90, "window_refused": 10},
        {"window_accepted": 1, "window_refused": 2},
        {"clock_skew_seconds": 300.0},
        {"bytes_in": 199},
        {"bytes_in": 5000, "sessions": 1},  # an analyzer that only asks whether we are there
        {"bytes_in": 5000, "messages": 1},
        {"last_error": "reset: peer", "last_error_at": AT - 6 * MINUTE},
        {"last_error": "refused: nobody listened, it is connected now", "last_error_at": AT - MINUTE},
    ],
)
def test_at_the_limit_there_is_no_alarm_yet(changes: dict[str, Any]) -> None:
    assert [one.code for one in line_alarms(health(**changes), at=AT)] in ([], ["stopped"])


def test_the_worst_comes_first_and_every_alarm_can_be_raised() -> None:
    found = line_alarms(
        health(waiting=1, undelivered=1, clock_skew_seconds=900.0, oldest_unread_at=AT - 9 * MINUTE), at=AT
    )
    assert [one.severity for one in found] == ["danger", "danger", "warning", "warning"]
    assert {code for _, code, _ in WRONG} == set(ALARMS)
    assert describe_alarm(Alarm("waiting", {"count": 3})) == "3 messages or readings wait for a person."


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    return make_analyzer(region.hub, "sysmex_xn", "XN-T")


def facts(analyzer: Analyzer, **changes: Any) -> LineFacts:
    return replace(LineFacts(analyzer.pk, analyzer.laboratory_id, "connected", AT), **changes)


def note(region: Region, *states: LineFacts, at: datetime = AT) -> int:
    return note_line_states(states, by=region.worker, at=at)


def test_what_a_line_does_is_written_and_what_is_not_said_is_kept(region: Region, analyzer: Analyzer) -> None:
    other = make_analyzer(region.hub, "sysmex_xn", "XN-U", 40_001)
    error = "reset: by peer\x00"
    assert note(region, facts(analyzer, last_byte_at=AT, clock_skew_seconds=2.5), facts(other)) == 2
    assert (
        note(region, facts(analyzer, state="reconnecting", reconnects=1, last_error=error), at=AT + MINUTE)
        == 1
    )
    state = LineState.objects.get(analyzer=analyzer)
    assert (state.state, state.state_since, state.updated_at) == ("reconnecting", AT + MINUTE, AT + MINUTE)
    assert (state.last_byte_at, state.clock_skew_seconds, state.reconnects) == (AT, 2.5, 1)
    assert state.last_error == "reset: by peer"
    assert note(region) == 0


def test_the_share_of_refused_frames_is_of_the_last_minutes(region: Region, analyzer: Analyzer) -> None:
    note(region, facts(analyzer, frames_accepted=80, frames_refused=20))
    assert line_healths(analyzer_id=analyzer.pk)[0].refused_share == 0.2
    note(region, facts(analyzer, frames_accepted=80, frames_refused=20), at=AT + 11 * MINUTE)
    note(region, facts(analyzer, frames_accepted=179, frames_refused=21), at=AT + 12 * MINUTE)
    assert line_healths(analyzer_id=analyzer.pk)[0].refused_share == 0.01
    begun = AT + 13 * MINUTE
    note(region, facts(analyzer, frames_accepted=3, frames_refused=1, process_since=begun), at=begun)
    assert line_healths(analyzer_id=analyzer.pk)[0].refused_share == 0.25


def test_a_line_is_shown_with_what_waits_behind_it(region: Region, analyzer: Analyzer) -> None:
    place = (analyzer.laboratory_id, analyzer.pk, "t")
    keep_messages([KeptMessage(*place, b"x", AT), KeptMessage(*place, b"y", AT + MINUTE)], by=region.worker)
    keep_messages([KeptMessage(*place, b"z", AT, state="quarantined")], by=region.worker)
    note(region, facts(analyzer), at=AT + 5 * MINUTE)
    (line,) = watched_lines(at=AT + 5 * MINUTE, site_id=region.hub.pk, analyzer_id=analyzer.pk)
    assert (line.health.unread, line.health.oldest_unread_at, line.health.waiting) == (2, AT, 1)
    assert [one.code for one in line.alarms] == ["unread", "waiting"]
    assert watched_lines(at=AT, site_id=region.clinic.pk) == []


def message(analyzer: Analyzer) -> bytes:
    from aliquot.flow.instruments.rules.driver import load
    from aliquot.flow.instruments.rules.forms import Header

    records: Any = load(analyzer.driver).query_message("77", Header(AT, ZoneInfo("Europe/Moscow")))
    return b"".join(record + b"\r" for record in records)


def test_a_stopped_driver_keeps_and_reads_nothing_until_it_is_started(
    region: Region, analyzer: Analyzer
) -> None:
    doctor, director = one_with(region, "laboratory_doctor"), one_with(region, "hub_director")
    other = make_analyzer(region.hub, "siemens_immulite2000", "IMM-T", 40_001)
    with acting(doctor):
        stop_driver("sysmex_xn", reason="units look wrong", by=doctor, at=AT)
        with pytest.raises(Refused):
            stop_driver("sysmex_xn", reason="again", by=doctor, at=AT)
    for one in (analyzer, other):
        keep_messages([KeptMessage(one.laboratory_id, one.pk, "t", b"H|\\^&|||t\r", AT)], by=region.worker)
    read_messages(limit=10, by=region.worker, at=AT)
    states = dict(Message.objects.values_list("analyzer__code", "state"))
    assert states["XN-T"] == "received"
    assert states["IMM-T"] != "received"
    assert {one.code: one.is_stopped for one in analyzer_lines()} == {"XN-T": True, "IMM-T": False} | {
        one.code: False for one in analyzer_lines() if one.code not in {"XN-T", "IMM-T"}
    }
    assert [one.model for one in stopped_drivers()] == ["sysmex_xn"]
    (line,) = watched_lines(at=AT, analyzer_id=analyzer.pk)
    assert line.health.stop_reason == "units look wrong"
    with acting(director):
        start_driver("sysmex_xn", reason="corrected", by=director, at=AT + MINUTE)
        with pytest.raises(Refused):
            start_driver("sysmex_xn", reason="again", by=director, at=AT)
    read_messages(limit=10, by=region.worker, at=AT)
    assert not Message.objects.filter(state="received").exists()
    stop = DriverStop.objects.get()
    assert (stop.by, stop.ended_by, stop.end_reason) == (doctor.key, director.key, "corrected")
    reasons = (
        AuditBlock.objects.filter(table_name="driver_stop").order_by("id").values_list("reason", flat=True)
    )
    with acting(director):
        assert list(reasons) == ["units look wrong", "corrected"]


def test_who_may_not_stop_a_driver_does_not(region: Region) -> None:
    technologist, doctor = one_with(region, "technologist"), one_with(region, "laboratory_doctor")
    with acting(technologist):
        with pytest.raises(Forbidden):
            stop_driver("sysmex_xn", reason="x", by=technologist, at=AT)
        with pytest.raises(DatabaseError), transaction.atomic():
            DriverStop.objects.create(model="sysmex_xn", reason="x", since=AT, by="x")
    with acting(doctor):
        for model, reason in (("sysmex_xn", " "), ("no_such_driver", "x")):
            with pytest.raises(Refused):
                stop_driver(model, reason=reason, by=doctor, at=AT)

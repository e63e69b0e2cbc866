"""Nothing leaves the ledger in silence: the database takes no other step, and it adds up."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.errors import CheckViolation

from aliquot.flow.instruments.actions import assign_reading, dismiss_reading, set_adaptation
from aliquot.flow.instruments.models import Message, Reading, WorkRequest
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.instruments.rules.stages import MESSAGE_BEGINS, MESSAGE_STEPS, READING_STEPS, REQUEST_STEPS
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.flow.instruments.ledger_lines import HGB, WBC, Line, make_line, replay
from tests.regions import Region
from tests.tubes import make_accepted_tubes

TABLES: dict[str, tuple[Any, Mapping[str, frozenset[str]], frozenset[str]]] = {
    "message": (Message, MESSAGE_STEPS, MESSAGE_BEGINS),
    "reading": (Reading, READING_STEPS, frozenset(Reading.State.values)),
    "work_request": (WorkRequest, REQUEST_STEPS, frozenset(WorkRequest.State.values)),
}


@pytest.fixture
def line(region: Region) -> Line:
    return make_line(region)


def _made(line: Line, table: str, state: str) -> int:
    """A row of the table that begins in this state."""
    if table == "message":
        return line.keep(b"x", state=state, is_outgoing=state in {"sending", "sent"})
    if table == "reading":
        message = line.keep(b"x")
        place = {"laboratory": line.region.hub, "analyzer": line.analyzer, "message_id": message}
        return int(Reading.objects.create(**place, position=1, state=state).pk)
    tube = Specimen.objects.get(number=make_accepted_tubes(line.region.hub, line.region.clinic, 1)[0])
    facts = {"kind": "new", "asked_at": NOW, "changed_at": NOW, "by": "t", "state": state}
    return int(
        WorkRequest.objects.create(
            laboratory=line.region.hub, analyzer=line.analyzer, specimen=tube, **facts
        ).pk
    )


def _way(table: str, state: str) -> list[str]:
    """The states from a beginning to this one, by allowed steps."""
    _, steps, begins = TABLES[table]
    ways = deque([one] for one in sorted(begins))
    while ways:
        way = ways.popleft()
        if way[-1] == state:
            return way
        ways += [[*way, after] for after in sorted(steps.get(way[-1], ())) if after not in way]
    raise AssertionError(f"no {table} is ever {state}")


@pytest.mark.parametrize("table", TABLES)
def test_the_database_takes_every_step_of_the_table_and_no_other(line: Line, table: str) -> None:
    model, steps, _ = TABLES[table]
    states = model.State.values
    assert set(steps) | set().union(*steps.values()) <= set(states)
    for before in states:
        first, *rest = _way(table, before)
        row = _made(line, table, first)
        for state in rest:
            model.objects.filter(pk=row).update(state=state)
        taken = set()
        for after in states:
            if _is_taken(model, row, before, after):
                taken.add(after)
        assert taken - {before} == steps.get(before, frozenset()), before


def _is_taken(model: Any, row: int, before: str, after: str) -> bool:
    """Whether the database takes this step; it is undone."""
    try:
        with transaction.atomic():
            model.objects.filter(pk=row, state=before).update(state=after)
            transaction.set_rollback(True)
    except DatabaseError as fault:
        if "does not go from" in str(fault):
            return False
        raise
    return True


def test_a_message_begins_where_the_link_put_it(line: Line) -> None:
    for state in Message.State.values:
        if state in MESSAGE_BEGINS:
            line.keep(b"x", state=state)
            continue
        with pytest.raises(CheckViolation), transaction.atomic():
            line.keep(b"x", state=state)


@pytest.mark.parametrize("table", ["traffic", "message", "reading", "work_request"])
def test_no_row_of_the_ledger_is_removed_and_no_byte_of_it_is_changed(line: Line, table: str) -> None:
    line.keep(b"x")
    for statement in (
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"UPDATE {table} SET analyzer_id = analyzer_id",
        "UPDATE message SET content = 'y'",
        "UPDATE traffic SET content = 'y'",
        "UPDATE reading SET value = 'y'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def _mixed(line: Line) -> Iterator[bytes]:
    """Messages of every sort that a day brings."""
    numbers = make_accepted_tubes(line.region.hub, line.region.clinic, 6, ("WBC", "HGB"))
    for place, number in enumerate(numbers):
        yield line.content(number, WBC, replace(HGB, value=f"1{place}.5"))
        yield line.content(number, WBC, Measurement("PLT", "200", "10*3/uL"), minutes=5 + place % 2)
        yield line.content(number, Measurement("NEW", "1"), replace(WBC, unit="odd/L"), HGB)
    yield line.content(numbers[0], WBC, replace(HGB, value="10.5"))
    yield line.content("QC-1", WBC, HGB, control=True)
    yield line.content("Ivanova", WBC)
    yield b"\x00\xff no message"
    yield b"H|\\^&|||x\rL|1|N\r"


def test_everything_that_was_kept_is_accounted_for(line: Line) -> None:
    doctor, director = line.people["laboratory_doctor"], line.people["hub_director"]
    contents = list(_mixed(line))
    for content in contents:
        line.keep(content)
    line.keep(b"H|\\^&\rP|1\r", state="quarantined", problems=({"code": "incomplete", "detail": "cut"},))
    line.read()
    _reconcile(len(contents) + 1)
    for action in (dismiss_reading, _assign):
        one = Reading.objects.filter(state="quarantined").order_by("id").first()
        assert one is not None
        with acting(doctor):
            action(one.pk, reason="looked at", by=doctor, at=NOW)
        line.read()
        _reconcile(len(contents) + 1)
    with acting(director):
        set_adaptation(line.analyzer, "unit", "odd/L", meaning="10*3/uL", reason="x", by=director, at=NOW)
    assert replay(line).kept
    _reconcile(len(contents) + 1)


def _assign(reading: int, **given: Any) -> None:
    number = Specimen.objects.filter(state="accepted").order_by("-id")[0].number
    assign_reading(reading, number, **given)


def _reconcile(sent: int) -> None:
    """Every message is in one state, and every line of each message that was read is in one state."""
    messages = Counter(Message.objects.filter(is_outgoing=False).values_list("state", flat=True))
    assert sum(messages.values()) == sent
    assert set(messages) <= {"filed", "duplicate", "quarantined", "dismissed"}
    readings = Counter(Reading.objects.filter(is_replayed=False).values_list("state", flat=True))
    assert set(readings) <= {"filed", "kept", "control", "duplicate", "quarantined", "dismissed"}
    said = {
        one.pk: [each.position for each in _understood(one).readings if not each.dropped]
        for one in Message.objects.filter(is_outgoing=False).exclude(state="duplicate")
        if not any(each["code"] == "incomplete" for each in one.problems)
    }
    assert sum(readings.values()) == sum(len(positions) for positions in said.values())
    for message, positions in said.items():
        kept = Reading.objects.filter(message_id=message, is_replayed=False).values_list(
            "position", flat=True
        )
        assert sorted(kept) == sorted(positions)


def _understood(message: Message) -> Any:
    return load("sysmex_xn").read(bytes(message.content), ZoneInfo("Europe/Moscow"))

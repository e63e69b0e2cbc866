"""Nothing leaves the ledger in silence: every step of every row, by an action or not at all; and it adds up."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg.errors import CheckViolation

from aliquot.flow.instruments.actions import (
    KeptMessage,
    apply_replay,
    assign_reading,
    claim_outbox,
    dismiss_message,
    dismiss_reading,
    keep_answer,
    keep_messages,
    note_delivered,
    note_sent,
    note_undelivered,
    queue_orders,
    read_messages,
    replay_message,
    requeue_request,
    set_adaptation,
    withdraw_request,
)
from aliquot.flow.instruments.models import Analyzer, Message, Reading, TestMapping, WorkRequest
from aliquot.flow.instruments.queries import work_orders
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.stages import (
    MESSAGE_BEGINS,
    MESSAGE_STEPS,
    READING_STEPS,
    REQUEST_STEPS,
)
from aliquot.flow.results.actions import repeat_result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditRow
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region, one_with
from tests.tubes import make_accepted_tubes, make_analyzer

TABLES: dict[str, tuple[Any, Mapping[str, frozenset[str]], frozenset[str]]] = {
    "message": (Message, MESSAGE_STEPS, MESSAGE_BEGINS),
    "reading": (Reading, READING_STEPS, frozenset(Reading.State.values)),
    "work_request": (WorkRequest, REQUEST_STEPS, frozenset(WorkRequest.State.values)),
}
WBC = Measurement("WBC", "6.155", "10*3/uL")
HGB = Measurement("HGB", "14.26", "g/dL")


@dataclass(frozen=True, slots=True)
class Line:
    region: Region
    analyzer: Analyzer
    people: dict[str, Actor]

    def content(self, tube: str, *measured: Measurement, minutes: int = 5, control: bool = False) -> bytes:
        header = Header(NOW - timedelta(minutes=minutes), ZoneInfo("Europe/Moscow"))
        records = load("sysmex_xn").result_message([Run(tube, measured, control)], header)
        return b"".join(one + b"\r" for one in records)

    def keep(self, content: bytes, **changes: Any) -> int:
        message = KeptMessage(self.region.hub.pk, self.analyzer.pk, "t", content, NOW)
        return keep_messages([replace(message, **changes)], by=self.region.worker)[0]

    def read(self) -> None:
        read_messages(limit=100, by=self.region.worker, at=NOW)


@pytest.fixture
def line(region: Region) -> Line:
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-T")
    roles = ("laboratory_doctor", "hub_director", "technologist")
    return Line(region, analyzer, {role: one_with(region, role) for role in roles})


# -- the database refuses what is no step -------------------------------------------------------------


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


# -- every step has its action ------------------------------------------------------------------------


def _steps(table: str) -> set[tuple[str, str]]:
    """The steps that rows of a table took in this test, as the audit saw them."""
    changed = AuditRow.objects.filter(table_name=table, before__has_key="state", after__has_key="state")
    return set(changed.values_list("before__state", "after__state"))


def _allowed(steps: Mapping[str, frozenset[str]]) -> set[tuple[str, str]]:
    return {(before, after) for before, afters in steps.items() for after in afters}


def test_every_step_of_a_message_is_an_actions(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    doctor, worker = line.people["laboratory_doctor"], line.region.worker
    tube = make_accepted(line.region, "WBC", "HGB").number
    content = line.content(tube, WBC)
    filed = line.keep(content)
    line.keep(content)
    strange, waiting = line.keep(b"\x00\xff"), line.keep(b"nothing")
    line.read()
    questions = [line.keep(b"q", state="asked") for _ in range(2)]
    answers = [
        keep_answer(one, _answer(line), orders=work_orders(line.analyzer, [tube]), by=worker)
        for one in questions[:1]
    ]
    note_undelivered(questions[1], "no answer could be given", by=worker)
    note_undelivered(answers[0], "no reply", by=worker)
    with acting(doctor):
        dismiss_message(strange, reason="test of the line", by=doctor, at=NOW)
        replay_message(waiting, by=doctor, at=NOW)
    for told in ("sent", "delivered", "both", "undelivered", "given up"):
        _tell(line, told)
    _find_nothing(monkeypatch)
    with acting(doctor):
        day = timedelta(days=1)
        apply_replay(line.analyzer, NOW - day, NOW + day, reason="corrected", by=doctor, at=NOW)
    assert Message.objects.get(pk=filed).state == "quarantined"
    with acting(line.people["hub_director"]):
        assert _steps("message") == _allowed(MESSAGE_STEPS)


def _answer(line: Line) -> KeptMessage:
    place = (line.region.hub.pk, line.analyzer.pk, "t")
    return KeptMessage(*place, b"a", NOW, is_outgoing=True, state="sent")


def _tell(line: Line, how: str) -> None:
    """Queue a tube on an analyzer that is told unasked, send it, and let it end like this."""
    worker = line.region.worker
    analyzer = _told(line)
    tube = make_accepted(line.region, "WBC")
    queue_orders(analyzer, [tube.number], by=worker, at=NOW)
    at = timezone.now() + timedelta(days=1)  # what was not taken waits for a while
    for _ in range(5 if how == "given up" else 1):
        (message,) = claim_outbox(analyzer, by=worker, at=at)
        if how in {"sent", "both"}:
            note_sent(message.message_id, by=worker, at=NOW)
        if how in {"delivered", "both", "refused"}:
            note_delivered(message.message_id, accepted=how != "refused", by=worker, at=NOW)
        if how in {"undelivered", "given up"}:
            note_undelivered(message.message_id, "no reply", by=worker)
    if how == "undelivered":  # queued again: settle it, so that the next claim finds its own tube alone
        withdraw_request(WorkRequest.objects.get(state="queued").pk, reason="x", by=worker, at=NOW)


def _told(line: Line) -> Analyzer:
    """An analyzer whose driver says everything there is to say."""
    if found := Analyzer.objects.filter(code="LAW-T").first():
        return found
    analyzer = make_analyzer(line.region.hub, "generic_law", "LAW-T", 40_001)
    TestMapping.objects.create(analyzer=analyzer, code="W", test=Test.objects.get(code="WBC"))
    Analyzer.objects.filter(pk=analyzer.pk).update(query_policy="preload")
    analyzer.refresh_from_db()
    return analyzer


def _find_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a driver would that takes no line for a result any more."""
    from aliquot.flow.instruments.rules.understanding import Interpreter

    understand: Any = Interpreter.understand

    def without(self: Interpreter, content: bytes, zone: Any) -> Any:
        return replace(understand(self, content, zone), readings=())

    monkeypatch.setattr(Interpreter, "understand", without)


def test_every_step_of_a_request_is_an_actions(line: Line) -> None:
    worker, doctor = line.region.worker, line.people["laboratory_doctor"]
    for told in ("sent", "delivered", "both", "undelivered", "given up"):
        _tell(line, told)
    given_up = WorkRequest.objects.get(state="undelivered")
    requeue_request(given_up.pk, reason="cable", by=worker, at=NOW)
    analyzer = _told(line)
    for refusal in (1, 2):  # refused at once, and after it was said to be sent
        (message,) = claim_outbox(analyzer, by=worker, at=NOW)
        if refusal == 2:
            note_sent(message.message_id, by=worker, at=NOW)
        note_delivered(message.message_id, accepted=False, detail="full", by=worker, at=NOW)
        requeue_request(given_up.pk, reason="emptied", by=worker, at=NOW)
    (message,) = claim_outbox(analyzer, by=worker, at=NOW)
    note_sent(message.message_id, by=worker, at=NOW)
    _given_up_for_good(line, analyzer)
    # nothing to tell any more: before it was sent again
    tube = make_accepted(line.region, "WBC")
    queue_orders(analyzer, [tube.number], by=worker, at=NOW)
    claim_outbox(analyzer, by=worker, at=NOW)
    tube.tests.update(state="cancelled")
    assert claim_outbox(analyzer, by=worker, at=NOW + timedelta(minutes=6)) == []
    # a driver that cannot say it
    queue_orders(line_of(line, "sysmex_xn"), [tube.number], "cancel", codes=["WBC"], by=worker, at=NOW)
    assert claim_outbox(line_of(line, "sysmex_xn"), by=worker, at=NOW) == []
    _repeat_by_question(line, doctor)
    _tell(line, "refused")
    for failed in ("undelivered", "refused"):
        if "withdrawn" in REQUEST_STEPS[failed]:
            request = WorkRequest.objects.get(state=failed)
            withdraw_request(request.pk, reason="by hand", by=worker, at=NOW)
    with acting(line.people["hub_director"]):
        assert _steps("work_request") == _allowed(REQUEST_STEPS)


def _given_up_for_good(line: Line, analyzer: Analyzer) -> None:
    """One that was refused and one that nobody took: a person programs both tubes at the analyzer."""
    worker = line.region.worker
    _tell(line, "given up")
    undelivered = WorkRequest.objects.get(state="undelivered")
    queue_orders(analyzer, [make_accepted(line.region, "WBC").number], by=worker, at=NOW)
    (message,) = claim_outbox(analyzer, by=worker, at=NOW)
    note_delivered(message.message_id, accepted=False, detail="full", by=worker, at=NOW)
    for one in (undelivered, WorkRequest.objects.get(state="refused")):
        withdraw_request(one.pk, reason="programmed by hand", by=worker, at=NOW)


def line_of(line: Line, model: str) -> Analyzer:
    """The first analyzer, told unasked by this driver."""
    Analyzer.objects.filter(pk=line.analyzer.pk).update(driver=model, query_policy="both")
    line.analyzer.refresh_from_db()
    return line.analyzer


def _repeat_by_question(line: Line, doctor: Actor) -> None:
    """Two repeats wait for the analyzer's question: one is told, one is withdrawn."""
    Analyzer.objects.filter(pk=line.analyzer.pk).update(query_policy="answer")
    for _ in range(2):
        tube = make_accepted(line.region, "WBC")
        result = make_result(line.region, tube, "WBC", "99", analyzer_id=line.analyzer.pk)
        with acting(doctor):
            repeat_result([result.pk], reason="too high", by=doctor, at=NOW)
    told, withdrawn = WorkRequest.objects.filter(state="noted").order_by("id")
    question = line.keep(b"q", state="asked")
    orders = work_orders(line.analyzer, [told.specimen.number])
    keep_answer(question, _answer(line), orders=orders, by=line.region.worker)
    withdraw_request(withdrawn.pk, reason="by hand", by=line.region.worker, at=NOW)


def test_every_step_of_a_reading_is_an_actions(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_accepted_tubes(line.region.hub, line.region.clinic, 2, ("WBC", "HGB"))
    line.keep(line.content(first, WBC, HGB))
    line.keep(line.content("QC-1", WBC, control=True))
    line.keep(line.content("unknown", WBC, HGB, replace(WBC, value="9"), Measurement("PLT", "5", "10*3/uL")))
    line.keep(line.content("stranger", WBC))
    line.read()
    repeated, other, dismissed, not_ordered, _ = _waiting()
    _decide(line, dismiss_reading, dismissed)
    for reading, tube in ((repeated, first), (other, second), (not_ordered, second)):
        _decide(line, assign_reading, reading, tube)
    line.read()
    assert Reading.objects.get(pk=repeated).state == "duplicate"
    assert Reading.objects.get(pk=other).state == "filed"
    assert Reading.objects.get(pk=not_ordered).state == "quarantined"
    _adapt_unit(line)
    _replay(line)
    line.keep(line.content("another", HGB))
    line.read()
    for kind in ("control", "other", ""):  # what waited is control material; then kept aside; then it counts
        if kind:
            _become(monkeypatch, kind)
        _replay(line)
        monkeypatch.undo()
    with acting(line.people["hub_director"]):
        assert _steps("reading") == _allowed(READING_STEPS)


def _waiting() -> list[int]:
    return list(
        Reading.objects.filter(state="quarantined")
        .order_by("message", "position")
        .values_list("pk", flat=True)
    )


def _decide(line: Line, action: Any, *subject: Any) -> None:
    doctor = line.people["laboratory_doctor"]
    with acting(doctor):
        action(*subject, reason="looked at", by=doctor, at=NOW)


def _replay(line: Line) -> Any:
    doctor, day = line.people["laboratory_doctor"], timedelta(days=1)
    with acting(doctor):
        done = apply_replay(line.analyzer, NOW - day, NOW + day, reason="corrected", by=doctor, at=NOW)
    line.read()
    return done


def _adapt_unit(line: Line) -> None:
    director = line.people["hub_director"]
    with acting(director):
        set_adaptation(
            line.analyzer,
            "unit",
            "10*3/uL",
            meaning="10*3/uL",
            factor=Decimal(2),
            reason="x",
            by=director,
            at=NOW,
        )


def _become(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """As a driver would that takes every line for this kind."""
    from aliquot.flow.instruments.rules.understanding import Interpreter

    understand: Any = Interpreter.understand

    def otherwise(self: Interpreter, content: bytes, zone: Any) -> Any:
        found = understand(self, content, zone)
        return replace(found, readings=tuple(replace(one, kind=kind) for one in found.readings))

    monkeypatch.setattr(Interpreter, "understand", otherwise)


# -- it adds up ---------------------------------------------------------------------------------------


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
    assert _replay(line).kept
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

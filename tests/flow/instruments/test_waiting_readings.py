"""What a person does with a reading that waits: assigns it, dismisses it, and has it read again."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.instruments.actions import (
    assign_reading,
    dismiss_message,
    dismiss_reading,
    read_messages,
    replay_message,
)
from aliquot.flow.instruments.models import Analyzer, Message, Reading, TestMapping
from aliquot.flow.specimens.models import SpecimenTest
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.flow.instruments.reading_lines import AT, HGB, WBC, Line, tubes_of
from tests.regions import Region
from tests.tubes import make_analyzer


@pytest.fixture
def line(region: Region) -> Line:
    return Line(region, make_analyzer(region.hub, "sysmex_xn", "XN-T"))


@pytest.fixture
def tube(line: Line) -> str:
    return tubes_of(line, 1)[0]


def test_what_is_matched_again_and_was_filed_meanwhile_is_a_repetition(line: Line, tube: str) -> None:
    mapping = TestMapping.objects.get(code="WBC")
    TestMapping.objects.filter(code="WBC").delete()
    line.send(tube, WBC)
    mapping.save(force_insert=True)
    assert line.send(tube, WBC, HGB) == ["6.16", "143"]
    replay_message(Message.objects.earliest("id").pk, by=line.region.worker, at=AT)
    assert line.read() == []
    assert Reading.objects.earliest("id").state == "duplicate"


def test_what_cannot_be_read_again_waits_for_a_person_again(line: Line) -> None:
    assert line.send("no-such-tube", WBC, HGB) == []
    driver, worker = line.analyzer.driver, line.region.worker
    for broken in ("roche_cobas_c311", "no_such_driver"):
        Analyzer.objects.filter(pk=line.analyzer.pk).update(driver=broken)
        assert replay_message(Message.objects.get().pk, by=worker, at=AT) == 2
        assert line.read() == []
        assert set(Reading.objects.values_list("state", flat=True)) == {"quarantined"}, broken
    assert line.waiting() == ["driver_failed", "driver_failed"]
    Analyzer.objects.filter(pk=line.analyzer.pk).update(driver=driver)
    replay_message(Message.objects.get().pk, by=worker, at=AT)
    line.read()
    assert line.waiting() == ["unknown_specimen", "unknown_specimen"]


def test_a_person_assigns_a_reading_to_its_tube(line: Line, tube: str) -> None:
    person = line.region.people["technologist"]
    line.send("WRONG", WBC)
    reading = Reading.objects.get()
    with acting(person):
        with pytest.raises(Refused, match="There is no tube 7"):
            assign_reading(reading.pk, "7", reason="label read by eye", by=person, at=AT)
        assign_reading(reading.pk, tube, reason="label read by eye", by=person, at=AT)
        with pytest.raises(Refused, match="does not wait any longer"):
            dismiss_reading(reading.pk, reason="late", by=person, at=AT)
    assert line.read() == ["6.16"]
    reading.refresh_from_db()
    assert (reading.state, reading.decided_by, reading.decision_note) == (
        "filed",
        person.key,
        "label read by eye",
    )


def test_what_was_put_aside_and_is_sent_again_waits_again(line: Line, tube: str) -> None:
    worker, good = line.region.worker, line.message(tube, WBC)
    line.keep(b"\x00\xff\xfe")
    line.send("no-such-tube", WBC)
    SpecimenTest.objects.update(state="rejected")
    line.keep(good)
    line.read()
    dismiss_message(Message.objects.earliest("id").pk, reason="send again", by=worker, at=AT)
    for one in Reading.objects.all():
        dismiss_reading(one.pk, reason="send again", by=worker, at=AT)
    assert line.waiting() == []
    SpecimenTest.objects.update(state="accepted")
    line.keep(b"\x00\xff\xfe")
    assert line.send("no-such-tube", WBC) == []
    line.keep(good)
    assert line.read() == ["6.16"]
    assert sorted(line.waiting()) == ["unintelligible", "unknown_specimen"]


@pytest.mark.parametrize("otherwise", [{"value": "9.1", "number": Decimal("9.1")}, {"code": "HGB"}])
def test_what_a_person_assigned_is_not_another_value_by_a_later_driver(
    line: Line, tube: str, monkeypatch: pytest.MonkeyPatch, otherwise: dict[str, Any]
) -> None:
    from aliquot.flow.instruments.rules.understanding import Interpreter

    line.send("no-such-tube", WBC)
    assign_reading(Reading.objects.get().pk, tube, reason="label", by=line.region.worker, at=AT)
    understand: Any = Interpreter.understand

    def changed(self: Interpreter, content: bytes, zone: Any) -> Any:
        found = understand(self, content, zone)
        return replace(found, readings=tuple(replace(one, **otherwise) for one in found.readings))

    monkeypatch.setattr(Interpreter, "understand", changed)
    assert line.read() == []
    assert line.waiting() == ["driver_failed"]


def test_a_person_dismisses_what_waits_with_a_reason_and_the_audit_knows(line: Line) -> None:
    person = line.region.people["technologist"]
    line.keep(b"nothing")
    line.send("WRONG", WBC)
    message, reading = Message.objects.get(state="quarantined"), Reading.objects.get()
    with acting(person):
        with pytest.raises(Refused, match="State the reason"):
            dismiss_message(message.pk, reason=" ", by=person, at=AT)
        dismiss_message(message.pk, reason="a test of the line", by=person, at=AT)
        dismiss_reading(reading.pk, reason="no such patient", by=person, at=AT)
    assert line.waiting() == []
    with acting(line.region.worker):
        last = AuditBlock.objects.filter(table_name="reading").latest("id")
    assert (last.actor, last.reason) == (person.key, "no such patient")


def test_only_who_may_match_readings_decides(line: Line) -> None:
    nurse = next(one for one in line.region.people.values() if one.roles == frozenset({"nurse"}))
    with pytest.raises(Forbidden):
        dismiss_message(1, reason="x", by=nurse, at=AT)
    with pytest.raises(Forbidden):
        read_messages(limit=1, by=line.region.people["technologist"], at=AT)

"""Every step that a row of the ledger may take is taken by an action, as the audit saw it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from aliquot.flow.instruments.actions import (
    KeptMessage,
    apply_replay,
    assign_reading,
    claim_outbox,
    dismiss_message,
    dismiss_reading,
    keep_answer,
    note_delivered,
    note_sent,
    note_undelivered,
    queue_orders,
    replay_message,
    requeue_request,
    set_adaptation,
    withdraw_request,
)
from aliquot.flow.instruments.models import Analyzer, Message, Reading, TestMapping, WorkRequest
from aliquot.flow.instruments.queries import work_orders
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.instruments.rules.stages import MESSAGE_STEPS, READING_STEPS, REQUEST_STEPS
from aliquot.flow.results.actions import repeat_result
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditRow
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_result
from tests.flow.instruments.ledger_lines import (
    HGB,
    WBC,
    Line,
    find_nothing,
    make_line,
    read_otherwise,
    replay,
)
from tests.regions import Region
from tests.tubes import make_accepted_tubes, make_analyzer


@pytest.fixture
def line(region: Region) -> Line:
    return make_line(region)


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
    find_nothing(monkeypatch)
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
    for failed in ("undelivered", "refused"):  # a person programs both tubes at the analyzer
        request = WorkRequest.objects.get(state=failed)
        withdraw_request(request.pk, reason="by hand", by=worker, at=NOW)
    with acting(line.people["hub_director"]):
        assert _steps("work_request") == _allowed(REQUEST_STEPS)


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
    replay(line)
    line.keep(line.content("another", HGB))
    line.read()
    for kind in ("control", "other", ""):  # what waited is control material; then kept aside; then it counts
        if kind:
            read_otherwise(monkeypatch, kind=kind)
        replay(line)
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

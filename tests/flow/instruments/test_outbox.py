"""Analyzers are told what to measure: when a tube is taken in, when its tests change, when they ask."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from aliquot.config.reactions import REACTIONS
from aliquot.flow.instruments.actions import (
    KeptMessage,
    OutgoingMessage,
    claim_outbox,
    keep_answer,
    keep_messages,
    note_delivered,
    note_sent,
    note_undelivered,
    queue_orders,
    read_messages,
    requeue_request,
    start_driver,
    stop_driver,
    withdraw_request,
)
from aliquot.flow.instruments.models import Analyzer, Message, TestMapping, WorkRequest
from aliquot.flow.instruments.queries import quarantine, waiting_tubes, work_orders
from aliquot.flow.instruments.queries.outbox import settled_requests
from aliquot.flow.instruments.rules.work import Told, Work, codes_to_send, known_codes, plan_work
from aliquot.flow.results.actions import add_tests, repeat_result
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.actions import reject_tests, withdraw_item, withdraw_order
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import claim_events
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_result, make_specimen
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

CODES = {"GLUS": "GLU", "K": "KAL", "NA": "NAT", "CREA": "CRE"}


@dataclass(frozen=True, slots=True)
class Outbox:
    """An analyzer that is told unasked, and the processes around it."""

    region: Region
    analyzer: Analyzer

    def react(self) -> None:
        with acting(self.region.worker):
            if subjects := claim_events("tests_to_measure_changed", limit=100):
                REACTIONS["tests_to_measure_changed"](subjects, NOW)

    def claim(self, at: Any = NOW) -> list[OutgoingMessage]:
        return claim_outbox(self.analyzer, by=self.region.worker, at=at)

    def send(self) -> list[str]:
        """React, claim, send; of each message its action and codes, e.g. "NW GLU KAL"."""
        self.react()
        claimed = self.claim()
        for one in claimed:
            assert note_sent(one.message_id, by=self.region.worker, at=NOW)
        return [told(one) for one in claimed]

    def states(self) -> list[tuple[str, str]]:
        return list(WorkRequest.objects.order_by("id").values_list("kind", "state"))


def told(message: OutgoingMessage) -> str:
    action = next(one.split(b"|")[1] for one in message.records if one.startswith(b"ORC"))
    codes = [one.split(b"|")[4].split(b"^")[0] for one in message.records if one.startswith(b"OBR")]
    return " ".join(one.decode() for one in (action, *sorted(codes)))


@pytest.fixture
def outbox(region: Region) -> Outbox:
    analyzer = make_analyzer(region.hub, "generic_law", "LAW-T")
    Analyzer.objects.filter(pk=analyzer.pk).update(query_policy="both")
    analyzer.refresh_from_db()
    tests = Test.objects.in_bulk(CODES, field_name="code")
    TestMapping.objects.bulk_create(
        TestMapping(analyzer=analyzer, code=code, test=tests[name]) for name, code in CODES.items()
    )
    return Outbox(region, analyzer)


@pytest.fixture
def tube(outbox: Outbox) -> Specimen:
    return make_accepted(outbox.region, "GLUS", "K")


def test_a_tube_that_is_taken_in_is_told_once_and_what_it_needs(outbox: Outbox, tube: Specimen) -> None:
    outbox.react()
    (message,) = outbox.claim()
    assert told(message) == "NW GLU KAL"
    assert any(tube.number.encode() in one for one in message.records)
    kept = Message.objects.get(pk=message.message_id)
    assert (kept.is_outgoing, kept.state, bytes(kept.content)) == (
        True,
        "sending",
        b"\r".join(message.records) + b"\r",
    )
    assert kept.control_id
    assert outbox.claim() == []
    assert note_sent(message.message_id, by=outbox.region.worker, at=NOW)
    assert not note_sent(message.message_id, by=outbox.region.worker, at=NOW)
    assert outbox.states() == [("new", "sent")]
    assert outbox.send() == []
    (line,) = settled_requests(outbox.region.hub.pk)
    assert (line.specimen_code, line.codes, line.message_id) == (
        tube.number,
        ["GLU", "KAL"],
        message.message_id,
    )


def test_a_tube_that_is_only_drawn_is_told_to_nobody(outbox: Outbox) -> None:
    make_specimen(outbox.region, "GLUS")
    assert outbox.send() == []


def test_an_analyzer_that_asks_for_itself_is_not_told(outbox: Outbox, tube: Specimen) -> None:
    Analyzer.objects.filter(pk=outbox.analyzer.pk).update(query_policy="answer")
    assert outbox.send() == []
    outbox.analyzer.refresh_from_db()
    with pytest.raises(Refused):
        queue_orders(outbox.analyzer, [tube.number], by=outbox.region.worker, at=NOW)


def test_an_added_test_is_told_as_well(outbox: Outbox, tube: Specimen) -> None:
    assert outbox.send() == ["NW GLU KAL"]
    doctor = one_with(outbox.region, "nurse", outbox.region.clinic)
    with acting(doctor):
        add_tests(tube.order_id, ["CREA"], reason="by telephone", by=doctor, at=NOW)
    assert outbox.send() == ["NW CRE"]
    assert outbox.states() == [("new", "sent"), ("add", "sent")]


def test_a_cancelled_test_that_was_told_is_taken_back(outbox: Outbox, tube: Specimen) -> None:
    assert outbox.send() == ["NW GLU KAL"]
    nurse = one_with(outbox.region, "nurse", outbox.region.clinic)
    with acting(nurse):
        withdraw_item(tube.order.items.get(test__code="K"), reason="not needed", by=nurse, at=NOW)
    assert outbox.send() == ["CA KAL"]
    with acting(nurse):
        withdraw_order(tube.order, reason="not needed", by=nurse, at=NOW)
    assert outbox.send() == ["CA GLU"]
    assert outbox.send() == []


def test_a_rejected_test_is_taken_back(outbox: Outbox, tube: Specimen) -> None:
    assert outbox.send() == ["NW GLU KAL"]
    technologist = one_with(outbox.region, "technologist", outbox.region.hub)
    with acting(technologist):
        reject_tests(tube, ["K"], "HAEM", "red", by=technologist, at=NOW)
    assert outbox.send() == ["CA KAL"]


def test_what_is_cancelled_before_it_was_sent_is_never_sent(outbox: Outbox, tube: Specimen) -> None:
    outbox.react()
    nurse = one_with(outbox.region, "nurse", outbox.region.clinic)
    with acting(nurse):
        withdraw_order(tube.order, reason="not needed", by=nurse, at=NOW)
    assert outbox.send() == []
    assert outbox.states() == [("new", "withdrawn")]


def test_one_that_asks_for_everything_is_told_of_each_tube_once(outbox: Outbox) -> None:
    routine = make_accepted(outbox.region, "GLUS")
    urgent = make_accepted(outbox.region, "K", urgency="S")
    make_accepted(outbox.region, "WBC")
    make_specimen(outbox.region, "GLUS")
    assert waiting_tubes(outbox.analyzer) == [urgent.number, routine.number]
    assert waiting_tubes(outbox.analyzer, limit=1) == [urgent.number]
    place = (outbox.analyzer.laboratory_id, outbox.analyzer.pk, "t")
    question = keep_messages([KeptMessage(*place, b"q", NOW, state="asked")], by=outbox.region.worker)[0]
    answer = KeptMessage(*place, b"a", NOW, is_outgoing=True, state="sent")
    keep_answer(
        question, answer, orders=work_orders(outbox.analyzer, [urgent.number]), by=outbox.region.worker
    )
    assert waiting_tubes(outbox.analyzer) == [routine.number]


def test_what_was_answered_is_not_sent_again_but_taken_back(outbox: Outbox, tube: Specimen) -> None:
    orders = work_orders(outbox.analyzer, [tube.number])
    place = (outbox.analyzer.laboratory_id, outbox.analyzer.pk, "t")
    question = keep_messages([KeptMessage(*place, b"q", NOW, state="asked")], by=outbox.region.worker)[0]
    answer = KeptMessage(*place, b"MSH|^~\\&||||||||A7", NOW, is_outgoing=True, state="sent")
    kept = keep_answer(question, answer, orders=orders, by=outbox.region.worker)
    assert Message.objects.get(pk=kept).control_id == "A7"
    assert Message.objects.get(pk=question).state == "answered"
    assert outbox.send() == []
    nurse = one_with(outbox.region, "nurse", outbox.region.clinic)
    with acting(nurse):
        withdraw_item(tube.order.items.get(test__code="K"), reason="not needed", by=nurse, at=NOW)
    assert outbox.send() == ["CA KAL"]


def repeated(outbox: Outbox, tube: Specimen, dilution: str = "") -> Result:
    """A measured potassium that a doctor wants again."""
    result = make_result(outbox.region, tube, "K", "9.9", analyzer_id=outbox.analyzer.pk)
    doctor = one_with(outbox.region, "laboratory_doctor")
    with acting(doctor):
        assert repeat_result([result.pk], reason="too high", dilution=dilution, by=doctor, at=NOW) == 1
    return result


def test_a_repeat_is_told_again_with_its_dilution(outbox: Outbox, tube: Specimen) -> None:
    assert outbox.send() == ["NW GLU KAL"]
    repeated(outbox, tube, " 10 ")
    (order,) = [one for one in work_orders(outbox.analyzer, [tube.number]) if "KAL" in one.codes]
    assert (order.codes, order.dilution) == (("KAL",), "10")
    assert outbox.send() == ["NW KAL"]
    assert outbox.states() == [("new", "sent"), ("rerun", "sent")]
    assert list(WorkRequest.objects.filter(kind="rerun").values_list("dilution", "codes")) == [
        ("10", ["KAL"])
    ]


def test_a_repeat_waits_for_the_question_of_one_that_asks_for_itself(outbox: Outbox, tube: Specimen) -> None:
    Analyzer.objects.filter(pk=outbox.analyzer.pk).update(query_policy="answer")
    repeated(outbox, tube, "5")
    assert outbox.send() == []
    assert outbox.states() == [("rerun", "noted")]
    assert waiting_tubes(outbox.analyzer) == [tube.number]
    orders = work_orders(outbox.analyzer, [tube.number])
    assert {(one.codes, one.dilution) for one in orders} == {(("GLU",), ""), (("KAL",), "5")}


def test_a_repeat_still_waits_when_the_question_was_about_another_test(
    outbox: Outbox, tube: Specimen
) -> None:
    Analyzer.objects.filter(pk=outbox.analyzer.pk).update(query_policy="answer")
    repeated(outbox, tube, "5")
    place = (outbox.analyzer.laboratory_id, outbox.analyzer.pk, "t")
    for codes, state in ((("GLU",), "noted"), (("KAL",), "sent")):
        question = keep_messages([KeptMessage(*place, b"q", NOW, state="asked")], by=outbox.region.worker)[0]
        orders = [one for one in work_orders(outbox.analyzer, [tube.number]) if one.codes == codes]
        answer = KeptMessage(*place, b"a", NOW, is_outgoing=True, state="sent")
        keep_answer(question, answer, orders=orders, by=outbox.region.worker)
        assert WorkRequest.objects.get(kind="rerun").state == state


def test_what_could_not_be_sent_is_queued_again_and_then_waits_for_a_person(
    outbox: Outbox, tube: Specimen
) -> None:
    outbox.react()
    before, after = (timezone.now() + timedelta(days=days) for days in (-1, 1))
    for _ in range(5):
        (message,) = outbox.claim(after)
        assert note_undelivered(message.message_id, "no reply", by=outbox.region.worker)
        assert outbox.claim(before) == []
    assert outbox.states() == [("new", "undelivered")]
    states = list(Message.objects.filter(is_outgoing=True).order_by("id").values_list("state", flat=True))
    assert states == ["undelivered"] * 4 + ["quarantined"]
    assert [one.reasons[0]["code"] for one in quarantine(outbox.region.hub.pk)] == ["undelivered"]
    technologist = one_with(outbox.region, "technologist", outbox.region.hub)
    request = WorkRequest.objects.get()
    with acting(technologist):
        requeue_request(request.pk, reason="cable replaced", by=technologist, at=NOW)
    assert len(outbox.claim()) == 1
    with acting(technologist), pytest.raises(Refused):
        withdraw_request(request.pk, reason="too late", by=technologist, at=NOW)


def test_a_stopped_driver_tells_nothing_until_it_is_started(outbox: Outbox, tube: Specimen) -> None:
    outbox.react()
    stop_driver("generic_law", reason="wrong codes", by=outbox.region.worker, at=NOW)
    assert outbox.claim() == []
    start_driver("generic_law", reason="corrected", by=outbox.region.worker, at=NOW)
    assert [told(one) for one in outbox.claim()] == ["NW GLU KAL"]


def test_what_nobody_settled_is_sent_again_after_five_minutes(outbox: Outbox, tube: Specimen) -> None:
    outbox.react()
    (first,) = outbox.claim()
    assert outbox.claim(NOW + timedelta(minutes=4)) == []
    (second,) = outbox.claim(NOW + timedelta(minutes=6))
    assert Message.objects.get(pk=first.message_id).state == "undelivered"
    assert first.message_id != second.message_id
    assert told(second) == told(first)


def test_the_analyzers_answer_is_matched_by_our_number_alone(outbox: Outbox) -> None:
    first, second = (make_accepted(outbox.region, "GLUS") for _ in range(2))
    outbox.react()
    one, other = outbox.claim()
    for message in (one, other):
        note_sent(message.message_id, by=outbox.region.worker, at=NOW)
    number = Message.objects.get(pk=other.message_id).control_id
    refused = (
        f"MSH|^~\\&|LAW|T|A|B|20261122060000||ORL^O34^ORL_O42|77|P|2.5.1\rMSA|AA|{number}\r"
        f"SPM|1|{second.number}&||SER|||||||P\rSAC|||{second.number}\rORC|UA|1||||CA\r"
    ).encode()
    place = (outbox.analyzer.laboratory_id, outbox.analyzer.pk, "t")
    keep_messages([KeptMessage(*place, refused, NOW)], by=outbox.region.worker)
    read_messages(limit=10, by=outbox.region.worker, at=NOW)
    states = dict(WorkRequest.objects.values_list("specimen__number", "state"))
    assert states == {first.number: "sent", second.number: "refused"}
    waiting = [reason for one in quarantine(outbox.region.hub.pk) for reason in one.reasons]
    assert [one["specimen"] for one in waiting if one["code"] == "order_refused"] == [second.number]
    assert note_delivered(one.message_id, by=outbox.region.worker, at=NOW)
    assert not note_delivered(one.message_id, by=outbox.region.worker, at=NOW)
    assert dict(WorkRequest.objects.values_list("specimen__number", "state"))[first.number] == "accepted"


def test_a_person_queues_and_withdraws(outbox: Outbox, tube: Specimen) -> None:
    technologist, nurse = (one_with(outbox.region, role) for role in ("technologist", "nurse"))
    with acting(technologist):
        assert queue_orders(outbox.analyzer, [tube.number] * 2, by=technologist, at=NOW) == 1
        assert queue_orders(outbox.analyzer, [tube.number], by=technologist, at=NOW) == 0
        with pytest.raises(Refused):
            queue_orders(outbox.analyzer, ["77"], by=technologist, at=NOW)
        withdraw_request(WorkRequest.objects.get().pk, reason="by hand", by=technologist, at=NOW)
    with acting(nurse), pytest.raises(Forbidden):
        queue_orders(outbox.analyzer, [tube.number], by=nurse, at=NOW)
    assert outbox.states() == [("new", "withdrawn")]


def test_what_the_driver_cannot_say_waits_for_a_person(outbox: Outbox, tube: Specimen) -> None:
    Analyzer.objects.filter(pk=outbox.analyzer.pk).update(driver="sysmex_xn")
    outbox.analyzer.refresh_from_db()
    queue_orders(outbox.analyzer, [tube.number], "cancel", codes=["CRE"], by=outbox.region.worker, at=NOW)
    assert outbox.claim() == []
    request = WorkRequest.objects.get()
    assert request.state == "undelivered"
    assert request.detail


CODE = st.sampled_from("ABCD")
STEPS = st.lists(
    st.builds(
        Told,
        st.sampled_from(["new", "add", "rerun", "answer", "cancel"]),
        st.sampled_from(
            ["noted", "queued", "sending", "sent", "accepted", "refused", "undelivered", "withdrawn"]
        ),
        st.lists(CODE, unique=True).map(tuple),
    ),
    max_size=6,
)


@given(st.sets(CODE), st.sets(CODE), STEPS)
def test_after_what_was_planned_is_told_nothing_is_left_to_tell(
    pending: set[str], measured: set[str], told: list[Told]
) -> None:
    measured -= pending
    for work in plan_work(pending, measured, told):
        codes = codes_to_send(work.action, work.codes, sorted(pending), known_codes(told))
        assert codes
        told = [*told, Told(work.action, "sent", tuple(codes))]
    is_waiting = any(one.state == "queued" for one in told)
    assert plan_work(pending, measured, told) == [] or is_waiting
    if not is_waiting:
        assert pending <= known_codes(told) <= pending | measured


def test_a_cancelled_code_that_is_wanted_again_is_not_cancelled() -> None:
    assert codes_to_send("cancel", ["A", "B"], ["A"], {"A", "B"}) == ["B"]
    assert plan_work(["A"], [], []) == [Work("new")]

"""What an analyzer sends is filed, or waits with its reason: against a real database."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from aliquot.flow.instruments import actions
from aliquot.flow.instruments.actions import (
    KeptMessage,
    keep_messages,
    read_messages,
    replay_message,
)
from aliquot.flow.instruments.models import Analyzer, Message, Reading, TestMapping
from aliquot.flow.instruments.queries import analyzer_states, quarantine, session_of, work_orders
from aliquot.flow.instruments.rules.quarantine import REASONS, describe_reason
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.foundation import sql_files
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.flow.instruments.reading_lines import AT, HGB, WBC, Line, tubes_of
from tests.regions import Region
from tests.tubes import make_analyzer


@pytest.fixture
def line(region: Region) -> Line:
    return Line(region, make_analyzer(region.hub, "sysmex_xn", "XN-T"))


@pytest.fixture
def tube(line: Line) -> str:
    return tubes_of(line, 1)[0]


def test_a_reading_is_filed_in_the_catalogues_unit(line: Line, tube: str) -> None:
    line.keep(line.message(tube, WBC, HGB))
    white, haemoglobin = read_messages(limit=10, by=line.region.worker, at=AT)
    item = OrderItem.objects.get(order__specimens__number=tube, test__code="HGB")
    assert (white.value_text, white.number, white.unit) == ("6.16", Decimal("6.16"), "10*9/L")
    assert (haemoglobin.value_text, haemoglobin.unit, haemoglobin.decimals) == ("143", "g/L", 0)
    assert (haemoglobin.order_item_id, haemoglobin.order_id) == (item.pk, item.order_id)
    assert haemoglobin.patient_id == item.order.patient_id
    assert haemoglobin.measured_at == AT
    kept = Reading.objects.get(pk=haemoglobin.reading_id)
    assert (kept.value, kept.unit, kept.state) == ("14.26", "g/dL", "filed")
    assert Message.objects.get().state == "filed"


def test_what_the_analyzer_repeats_is_filed_once_and_a_rerun_is_filed_too(line: Line, tube: str) -> None:
    assert line.send(tube, WBC) == ["6.16"]
    assert line.send(tube, WBC) == []
    assert list(Message.objects.order_by("id").values_list("state", flat=True)) == ["filed", "duplicate"]
    assert line.send(tube, WBC, HGB) == ["143"]
    assert list(Reading.objects.order_by("message", "position").values_list("state", flat=True)) == [
        "filed",
        "duplicate",
        "filed",
    ]
    assert line.send(tube, Measurement("WBC", "9.9", "10*3/uL")) == ["9.90"]
    assert line.send(tube, WBC, at=AT + timedelta(minutes=5)) == ["6.16"]


@pytest.mark.parametrize("problem", ["incomplete", "unintelligible", "frame_refused"])
def test_what_broke_off_and_comes_again_whole_is_read(line: Line, tube: str, problem: str) -> None:
    content = line.message(tube, WBC)
    broken = KeptMessage(
        line.analyzer.laboratory_id,
        line.analyzer.pk,
        "t",
        content,
        AT,
        state="quarantined",
        problems=({"code": problem, "detail": "its end did not come"},),
    )
    with acting(line.region.worker):
        keep_messages([broken], by=line.region.worker)
    assert line.send(tube, WBC) == ["6.16"]
    assert line.send(tube, WBC) == []  # and again, it is a repetition


def test_a_batch_that_repeats_within_itself_files_once(line: Line, tube: str) -> None:
    line.keep(line.message(tube, WBC), line.message(tube, WBC, HGB), line.message(tube, WBC))
    assert line.read() == ["6.16", "143"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [("", "no_specimen"), ("Иванова", "unknown_specimen"), ("710100009999", "unknown_specimen")],
)
def test_an_unknown_tube_waits(line: Line, number: str, reason: str) -> None:
    line.keep(line.message("FILLER", WBC).replace(b"FILLER", number.encode("latin-1", "replace")))
    assert line.read() == []
    assert line.waiting() == [reason]


def test_a_tube_of_another_region_waits(line: Line) -> None:
    assert line.send(specimen_number("3301", 5), WBC) == []
    assert line.waiting() == ["other_region"]


def test_a_test_nobody_ordered_waits(line: Line, tube: str) -> None:
    assert line.send(tube, Measurement("PLT", "200", "10*3/uL"), WBC) == ["6.16"]
    assert line.waiting() == ["not_ordered"]


def test_a_cancelled_order_waits(line: Line, tube: str) -> None:
    Order.objects.update(state="cancelled")
    assert line.send(tube, WBC) == []
    assert line.waiting() == ["order_cancelled"]


def test_a_cancelled_test_waits(line: Line, tube: str) -> None:
    OrderItem.objects.filter(test__code="WBC").update(state="cancelled")
    assert line.send(tube, WBC, HGB) == ["143"]
    assert line.waiting() == ["test_cancelled"]


def test_a_tube_that_was_not_accepted_waits_and_is_matched_again(line: Line, tube: str) -> None:
    Specimen.objects.update(state="collected")
    assert line.send(tube, WBC) == []
    assert line.waiting() == ["specimen_not_accepted"]
    Specimen.objects.update(state="accepted")
    with acting(line.region.people["technologist"]):
        assert replay_message(Message.objects.get().pk, by=line.region.people["technologist"], at=AT) == 1
    assert line.read() == ["6.16"]
    assert line.waiting() == []


def test_a_test_rejected_on_this_tube_waits(line: Line, tube: str) -> None:
    SpecimenTest.objects.filter(test__code="WBC").update(state="rejected")
    assert line.send(tube, WBC) == []
    assert line.waiting() == ["test_not_accepted"]


def test_an_unmapped_code_waits_until_it_is_mapped(line: Line, tube: str) -> None:
    TestMapping.objects.filter(code="WBC").delete()
    assert line.send(tube, WBC) == []
    assert line.waiting() == ["unmapped_code"]
    TestMapping.objects.create(
        analyzer=line.analyzer, code="WBC", test=Test.objects.get(code="WBC"), unit="10*3/uL"
    )
    replay_message(Message.objects.get().pk, by=line.region.worker, at=AT)
    assert line.read() == ["6.16"]


@pytest.mark.parametrize(
    ("measured", "reason"),
    [
        (Measurement("HGB", "142", "g/L"), "unit_differs"),
        (Measurement("HGB", "142", "%"), "unit_differs"),
        (Measurement("HGB", "142"), "unit_differs"),
        (Measurement("HGB", "----", "g/dL"), "value_not_a_number"),
        (Measurement("HGB", "", "g/dL"), "no_value"),
        (Measurement("HGB", "9" * 14, "g/dL"), "value_too_large"),
        (Measurement("HGB", "9" * 300, "g/dL"), "value_too_long"),
        (Measurement("HGB", "", "g/dL", status="X"), "not_performed"),
    ],
)
def test_a_value_that_is_no_result_waits(line: Line, tube: str, measured: Measurement, reason: str) -> None:
    assert line.send(tube, measured, WBC) == ["6.16"]
    assert line.waiting() == [reason]


def test_unknown_flags_and_raised_messages_go_with_the_value(line: Line, tube: str) -> None:
    odd = Measurement("WBC", "6.155", "10*3/uL", flags="ZZ")
    line.keep(line.message(tube, odd, Measurement("Blasts/Abn_Lympho?", "140", flags="A"), HGB))
    first, second = read_messages(limit=10, by=line.region.worker, at=AT)
    assert first.flags == ("message:Blasts/Abn_Lympho?", "unknown:flag 'ZZ'")
    assert second.flags == ("normal", "message:Blasts/Abn_Lympho?")


def test_a_question_among_results_is_shown_because_nobody_answered_it(line: Line, tube: str) -> None:
    question = b"Q|1|^^%22s^A||^^^^WBC|0|||||||N\r" % tube.encode()
    line.keep(line.message(tube, WBC).replace(b"L|1", question + b"L|1"))
    assert line.read() == ["6.16"]
    assert line.waiting() == ["not_understood"]


def test_control_material_is_no_patients_result(line: Line, tube: str) -> None:
    line.keep(line.message(tube, WBC, control=True))
    assert line.read() == []
    assert [one.state for one in Reading.objects.all()] == ["control"]


def test_one_message_that_cannot_be_read_stops_no_other(line: Line, tube: str) -> None:
    good = line.message(tube, WBC)
    line.keep(b"\x00\xff\xfe", good.replace(b"WBC", b"W\x00C"), b"", good)
    assert line.read() == ["6.16"]
    assert sorted(line.waiting()) == ["driver_failed", "unintelligible", "unintelligible"]


def test_an_analyzer_without_a_driver_waits_with_the_reason(line: Line, tube: str) -> None:
    Analyzer.objects.update(driver="nowhere")
    assert line.send(tube, WBC) == []
    assert "there is no driver for 'nowhere'" in quarantine(line.region.hub.pk)[0].reasons[0]["detail"]
    Analyzer.objects.update(driver="sysmex_xn")
    assert replay_message(Message.objects.get().pk, by=line.region.worker, at=AT) == 1
    assert line.read() == ["6.16"]


def test_a_host_query_gets_what_is_still_to_be_measured(line: Line) -> None:
    first, second, third = tubes_of(line, 3)
    SpecimenTest.objects.filter(specimen__number=first, test__code="HGB").update(state="measured")
    Order.objects.filter(specimens__number=second).update(urgency="S")
    Specimen.objects.filter(number=third).update(state="collected")
    orders = work_orders(line.analyzer, [first, second, third, "X"])
    assert [(one.specimen_code, sorted(one.codes), one.priority) for one in orders] == [
        (first, ["WBC"], "R"),
        (second, ["HGB", "WBC"], "S"),
        (third, [], "R"),
        ("X", [], "R"),
    ]


def test_the_bench_sees_its_analyzers_and_the_session_as_it_went(line: Line, tube: str) -> None:
    line.send("WRONG", WBC)
    line.keep(b"nothing")
    state = next(one for one in analyzer_states(line.region.hub.pk, since=AT) if one.code == "XN-T")
    assert (state.messages_since, state.unread, state.waiting) == (2, 1, 1)
    assert state.last_received_at == AT
    lines = session_of(Message.objects.earliest("id").pk)
    assert [bytes(one.content)[:4] for one in lines] == [b"H|\\^", b"noth"]


def test_a_batch_takes_the_same_statements_whatever_its_size(line: Line, asked: list[str]) -> None:
    counts = []
    for size in (1, 30):
        asked.clear()
        line.keep(*(line.message(tube, WBC, HGB) for tube in tubes_of(line, size)))
        assert len(line.read()) == 2 * size
        counts.append(
            len([name for name in asked if name not in {"keep_messages", "set_context", "next_numbers"}])
        )
    assert counts == [9, 9]


def test_every_reason_has_words_in_both_languages() -> None:
    for code in REASONS:
        facts = {"code": code, "detail": "d", "specimen": "s", "test": "t", "sent": "a", "expected": "b"}
        english, russian = describe_reason(facts), describe_reason(facts, "ru")
        assert english != russian
        assert "{" not in english + russian


def test_what_is_filed_of_a_tube_is_found_by_index(region: Region) -> None:
    folder = Path(actions.__path__[0]).parent / "sql"
    cursor = sql_files._connection("default").cursor()
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute(f"EXPLAIN {sql_files.statement(folder, 'filed_before')}", {"specimens": [1, 2]})
    shown = "\n".join(row[0] for row in cursor.fetchall())
    assert "reading_filed_once" in shown
    assert "reading_replayed" in shown
    assert "Seq Scan" not in shown

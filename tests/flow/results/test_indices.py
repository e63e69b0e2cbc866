"""Indices of a specimen before, with and after its results: filed with the tube, looked at by the rules."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Analyzer, Message, Reading, SpecimenIndex
from aliquot.flow.instruments.queries import quarantine
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results import queries as results_queries
from aliquot.flow.results.actions import (
    claim_result,
    file_readings,
    hold_result,
    redraw_suppressed,
)
from aliquot.flow.results.actions.claiming import LOOKS_FOR
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import evidence_of
from aliquot.flow.results.rules.backtest.replay import Kept, Stretch, replayed
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.verification.queries import current_book
from aliquot.foundation import sql_files
from aliquot.foundation.actors import system_actor
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_result
from tests.flow.results.ruled import WANTS_INDEX, put_in_force
from tests.regions import Region, one_with
from tests.tubes import make_analyzer, message_of

RESULTS_SQL = Path(results_queries.__file__).parent.parent / "sql"
K = Measurement("K", "4.2", "mmol/L")


@dataclass(frozen=True, slots=True)
class Line:
    """An analyzer with indices, whose messages a link would keep and a worker read."""

    region: Region
    analyzer: Analyzer

    def keep(self, number: str, *measured: Measurement, minutes: int = 5) -> None:
        content = message_of(self.analyzer.driver, number, *measured, at=NOW - timedelta(minutes=minutes))
        keep_messages(
            [KeptMessage(self.region.hub.pk, self.analyzer.pk, "t", content, NOW)], by=self.region.worker
        )

    def send(self, number: str, *measured: Measurement, minutes: int = 5) -> int:
        self.keep(number, *measured, minutes=minutes)
        return file_readings(limit=10, by=self.region.worker, at=NOW)


def index(code: str, text: str) -> Measurement:
    return Measurement(code, text)


@pytest.fixture
def line(region: Region) -> Line:
    analyzer = make_analyzer(region.hub, "roche_cobas_c311", "C311-T")
    with acting(system_actor("setup", frozenset({region.hub.pk}))):
        analyzer.mappings.create(code="K", test=Test.objects.get(code="K"), unit="mmol/L")
        analyzer.mappings.create(code="NA", test=Test.objects.get(code="NA"), unit="mmol/L")
    return Line(region, analyzer)


def told(tube: Specimen) -> tuple[str, list[str]]:
    result = Result.objects.get(specimen=tube)
    return result.state, [one["code"] for one in result.reasons]


def test_an_index_is_filed_with_its_tube_and_is_no_result(line: Line) -> None:
    tube = make_accepted(line.region, "K")
    assert line.send(tube.number, index("993", "120"), index("994", "3")) == 2
    kept = SpecimenIndex.objects.order_by("id")
    assert [(one.index, one.level, one.unit, one.grade) for one in kept] == [
        ("H", Decimal("1.2"), "g/L", "120"),
        ("I", Decimal("51.3"), "umol/L", "3"),
    ]
    reading = Reading.objects.get(filed_index=kept[0])
    assert (reading.state, reading.stage, reading.index, reading.specimen) == ("filed", "filed", "H", tube)
    assert reading.test_id is None
    assert kept[0].measured_at == NOW - timedelta(minutes=5)
    assert not Result.objects.exists()
    assert AuditBlock.objects.filter(table_name="specimen_index").exists()


def test_what_is_sent_again_is_filed_once(line: Line) -> None:
    tube = make_accepted(line.region, "K")
    line.send(tube.number, index("993", "120"), index("994", "120"))
    line.send(tube.number, index("993", "120"), index("994", "120"), index("992", "5"))
    assert list(SpecimenIndex.objects.order_by("id").values_list("index", flat=True)) == ["H", "I", "L"]
    states = Reading.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["filed", "filed", "duplicate", "duplicate", "filed"]
    line.send(tube.number, index("993", "90"))
    assert SpecimenIndex.objects.filter(index="H").count() == 2


def test_an_index_of_another_tube_or_not_understood_waits(line: Line) -> None:
    tube = make_accepted(line.region, "K")
    line.send("0000000000", index("993", "120"))
    line.send(tube.number, index("993", "much"))
    reasons = [reason["code"] for one in quarantine(line.region.hub.pk) for reason in one.reasons]
    assert reasons == ["index_not_understood", "unknown_specimen"]
    assert not SpecimenIndex.objects.exists()
    assert set(Message.objects.values_list("state", flat=True)) == {"filed"}


@pytest.mark.parametrize("is_before", [True, False])
def test_a_haemolysed_tube_suppresses_what_it_spoils(line: Line, *, is_before: bool) -> None:
    """Before the result, or in the same message after it."""
    tube = make_accepted(line.region, "K")
    if is_before:
        line.send(tube.number, index("993", "300"))
        line.send(tube.number, K)
    else:
        line.send(tube.number, K, index("993", "300"))
    assert told(tube) == ("held", ["interference"])
    assert Result.objects.get(specimen=tube).reasons[0]["action"] == "suppress"


def test_a_slight_haemolysis_is_said_beside_the_released_value(line: Line) -> None:
    tube = make_accepted(line.region, "K")
    line.send(tube.number, K, index("993", "70"))
    result = Result.objects.get(specimen=tube)
    assert (result.state, result.reasons) == ("released", [])
    assert result.comment.startswith("Haemolysis (index 0.7): the value may be falsely high by about 4.9 %.")


def test_each_tube_has_its_own_and_the_newest_counts(line: Line) -> None:
    first, second = make_accepted(line.region, "K"), make_accepted(line.region, "K")
    line.send(first.number, index("993", "300"), minutes=5)
    line.send(first.number, index("993", "20"), minutes=9)  # an older one that came late
    line.send(second.number, index("993", "10"), index("992", ">700"))
    found = [evidence_of(make_result(line.region, one, "K", "4.2").pk) for one in (first, second)]
    levels = [dict(one.indices) for one in found if one is not None]
    assert levels == [{"H": Decimal(3)}, {"H": Decimal("0.1"), "L": Decimal("Infinity")}]


def test_what_waited_for_the_index_is_decided_again_when_it_comes(line: Line) -> None:
    put_in_force(line.region, WANTS_INDEX)
    tube = make_accepted(line.region, "K")
    line.send(tube.number, K)
    assert told(tube) == ("held", ["index_missing"])
    line.send(tube.number, index("993", "10"))
    assert told(tube) == ("released", [])
    assert SpecimenIndex.objects.filter(is_pending=True).count() == 0


def test_what_waited_is_suppressed_when_the_index_is_too_high(line: Line) -> None:
    put_in_force(line.region, WANTS_INDEX)
    tube = make_accepted(line.region, "K")
    line.send(tube.number, K)
    line.send(tube.number, index("993", "900"))
    state, reasons = told(tube)
    assert state == "held"
    assert "index_too_high" in reasons
    assert "index_missing" not in reasons


def test_what_a_person_let_wait_is_left_to_the_person(line: Line) -> None:
    put_in_force(line.region, WANTS_INDEX)
    tube, doctor = make_accepted(line.region, "K"), one_with(line.region, "laboratory_doctor")
    line.send(tube.number, K)
    with acting(doctor):
        hold_result([Result.objects.get(specimen=tube).pk], reason="asked the ward", by=doctor, at=NOW)
    line.send(tube.number, index("993", "10"))
    assert told(tube) == ("held", ["index_missing", "held"])


def test_the_number_of_statements_does_not_grow_with_the_batch(line: Line, asked: list[str]) -> None:
    counts = []
    file_readings(limit=1, by=line.region.worker, at=NOW)
    for size in (1, 6):
        for _ in range(size):
            tube = make_accepted(line.region, "K", "NA")
            line.keep(tube.number, K, Measurement("NA", "140", "mmol/L"), index("993", "10"))
        asked.clear()
        assert file_readings(limit=100, by=line.region.worker, at=NOW) == 3 * size
        counts.append(sorted(asked))
    assert counts[0] == counts[1]
    assert "insert_indices" in counts[0]


def test_a_suppressed_tube_is_drawn_again_by_one_step(line: Line) -> None:
    tube, doctor = make_accepted(line.region, "K", "NA"), one_with(line.region, "laboratory_doctor")
    line.send(tube.number, K, Measurement("NA", "140", "mmol/L"), index("993", "300"))
    suppressed = Result.objects.get(specimen=tube, test__code="K")
    assert suppressed.state == "held"
    with acting(doctor):
        assert redraw_suppressed([suppressed.pk], by=doctor, at=NOW) == 1
    suppressed.refresh_from_db()
    assert suppressed.state == "refused"
    assert suppressed.reasons[-1]["note"] == "Haemolysed: a new tube is drawn."
    old = tube.tests.get(test__code="K")
    assert old.rejection_reason is not None
    assert (old.state, old.rejection_reason.code) == ("rejected", "HAEM")
    new = Specimen.objects.get(replaces=tube)
    assert list(new.tests.values_list("test__code", flat=True)) == ["K"]
    assert OrderItem.objects.get(pk=suppressed.order_item_id).state == "open"
    with acting(doctor), pytest.raises(Refused):
        redraw_suppressed([suppressed.pk], by=doctor, at=NOW)


def test_a_tube_is_not_drawn_again_while_a_colleague_looks_at_another_of_its_results(line: Line) -> None:
    put_in_force(line.region, WANTS_INDEX.replace('["K"]', '["K", "NA"]').replace("= 8", "= 1"))
    tube = make_accepted(line.region, "K", "NA")
    doctor, director = one_with(line.region, "laboratory_doctor"), line.region.people["director"]
    line.send(tube.number, K, Measurement("NA", "140", "mmol/L"), index("993", "300"))
    suppressed, other = (Result.objects.get(specimen=tube, test__code=code) for code in ("K", "NA"))
    assert (suppressed.reasons[0]["action"], other.reasons[0]["action"]) == ("suppress", "suppress")
    with acting(director):
        claim_result(other.pk, by=director, at=NOW)
    with acting(doctor):
        with pytest.raises(Refused, match=f"{director.name} looks at .* of the same tube"):
            redraw_suppressed([suppressed.pk], by=doctor, at=NOW)
        assert redraw_suppressed([suppressed.pk], by=doctor, at=NOW + LOOKS_FOR) == 2


def test_what_no_rule_suppressed_is_not_drawn_again_like_this(line: Line) -> None:
    tube, doctor = make_accepted(line.region, "K"), one_with(line.region, "laboratory_doctor")
    line.send(tube.number, Measurement("K", "7.2", "mmol/L"))
    with acting(doctor), pytest.raises(Refused, match="did not suppress"):
        redraw_suppressed([Result.objects.get(specimen=tube).pk], by=doctor, at=NOW)


def test_who_may_not_verify_does_not_have_a_tube_drawn_again(line: Line) -> None:
    tube, nurse = make_accepted(line.region, "K"), one_with(line.region, "nurse", line.region.clinic)
    line.send(tube.number, K, index("993", "300"))
    with acting(nurse), pytest.raises(Forbidden):
        redraw_suppressed([1], by=nurse, at=NOW)


def test_another_laboratory_does_not_see_the_indices(line: Line) -> None:
    tube = make_accepted(line.region, "K")
    line.send(tube.number, index("993", "10"))
    with acting(one_with(line.region, "nurse", line.region.clinic)):
        assert not SpecimenIndex.objects.exists()


def test_a_back_test_sees_the_indices_that_decided(line: Line) -> None:
    tube = make_accepted(line.region, "K", "NA")
    line.send(tube.number, K, Measurement("NA", "140", "mmol/L"), index("993", "300"))
    since, until = NOW - timedelta(days=1), max(NOW, timezone.now()) + timedelta(minutes=1)
    rows = sql_files.fetch_rows(
        RESULTS_SQL, "replayed_results", warm=since, until=until, laboratory=None, parts=1, part=0
    )
    kept = [Kept(*row) for row in rows]
    assert {tuple(one.indices or ()) for one in kept} == {("H3.000000",)}
    again = list(replayed(kept, current_book(NOW), Stretch(since, until, 7), {}))
    assert [dict(evidence.indices) for _row, evidence in again] == [{"H": Decimal(3)}] * 2

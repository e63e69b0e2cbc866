"""Reception takes tubes in, test by test, against the real database."""

from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.actions import (
    Intake,
    accept_specimens,
    accept_tests,
    note_condition,
    spin_specimens,
    withdraw_order,
)
from aliquot.flow.specimens.models import Specimen, SpecimenEvent, SpecimenTest
from aliquot.flow.specimens.queries import expected_at
from aliquot.flow.specimens.rules.acceptance import Outcome
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.factories import NOW, make_order, make_specimen
from tests.flow.specimens.reception import accept, nurse_of, states
from tests.regions import LOADER, Region, one_with

Row = TypeVar("Row", bound=Model)


class TestIntake:
    def test_each_number_has_its_own_outcome_and_the_rest_goes_on(self, region: Region) -> None:
        good, twice = make_specimen(region, "K"), make_specimen(region, "K")
        undrawn = make_order(region, "K").specimens.get()
        old = make_specimen(region, "GLUS", "CREA", collected_at=NOW - timedelta(hours=3))
        spoilt = make_specimen(region, "GLUS", collected_at=NOW - timedelta(hours=3))
        cancelled = make_specimen(region, "K")
        nurse = nurse_of(region)
        with acting(nurse):
            withdraw_order(cancelled.order, reason="x", by=nurse, at=NOW)
        foreign = specimen_number("9901", 5)
        numbers = [good.number, twice.number, twice.number, undrawn.number, old.number, spoilt.number]
        numbers += [cancelled.number, foreign, "123", specimen_number("7103", 99_999)]
        assert accept(region, *numbers) == [
            Intake.ACCEPTED, Intake.ACCEPTED, Intake.ALREADY, Intake.NOT_COLLECTED, Intake.PARTLY, Intake.REJECTED,
            Intake.CANCELLED, Intake.OTHER_REGION, Intake.UNKNOWN, Intake.UNKNOWN,
        ]  # fmt: skip
        assert accept(region, good.number) == [Intake.ALREADY]
        with acting(region.worker):
            assert states(old) == {"GLUS": "rejected", "CREA": "accepted"}
            rejected = old.tests.select_related("rejection_reason").get(state="rejected")
            assert rejected.rejection_reason is not None
            assert rejected.rejection_reason.code == "OLD"
            assert rejected.rejection_note == ""
            with translation.override("en"):
                assert "stable for 60 min" in rejected.note
            with translation.override("ru"):
                assert "стабилен 60 мин" in rejected.note
            good.refresh_from_db()
            spoilt.refresh_from_db()
        assert (good.state, good.custody_site_id, good.accepted_at) == ("accepted", region.hub.pk, NOW)
        assert spoilt.state == "rejected"

    def test_a_tube_spun_in_time_is_not_too_old(self, region: Region) -> None:
        tube = make_specimen(region, "GLUS", collected_at=NOW - timedelta(hours=3))
        nurse = nurse_of(region)
        with acting(nurse):
            spin_specimens([tube.number], by=nurse, at=NOW - timedelta(hours=2, minutes=30))
        assert accept(region, tube.number) == [Intake.ACCEPTED]

    def test_five_hundred_tubes_take_as_many_statements_as_five(self, region: Region) -> None:
        def statements(count: int) -> tuple[int, list[tuple[str, int]]]:
            numbers = _many(region, count)
            desk = one_with(region, "receptionist")
            last = _last_block()
            with acting(desk), CaptureQueriesContext(connection) as captured:
                outcomes = accept_specimens(numbers, site=region.hub, by=desk, at=NOW)
            assert [one.kind for one in outcomes] == [Intake.ACCEPTED] * count
            asked = [query for query in captured if "SAVEPOINT" not in query["sql"]]
            with acting(LOADER):
                # the audit keeps one block for each statement that changed something
                blocks = AuditBlock.objects.filter(pk__gt=last).order_by("id")
                return len(asked), list(blocks.values_list("table_name", "rows"))

        few, many = statements(5), statements(500)  # one holds the orders, one takes in
        assert few == (2, [("specimen", 5), ("specimen_test", 5), ("specimen_event", 5)])
        assert many == (2, [("specimen", 500), ("specimen_test", 500), ("specimen_event", 500)])
        with acting(region.worker):
            assert SpecimenEvent.objects.filter(kind="taken_in").count() == 505
            assert SpecimenTest.objects.filter(state="accepted").count() == 505

    def test_what_no_figure_supports_waits_for_a_doctor(self, region: Region) -> None:
        tube = make_specimen(region, "K", "GLUS", collected_at=NOW - timedelta(hours=3))
        desk, doctor = one_with(region, "receptionist"), one_with(region, "laboratory_doctor")
        with acting(region.worker):
            Specimen.objects.filter(pk=tube.pk).update(lane="frozen")
        with acting(desk):
            outcome = accept_specimens([tube.number], site=region.hub, by=desk, at=NOW)[0]
        held = [one.test for one in outcome.with_outcome(Outcome.HOLD)]
        assert held == ["K", "GLUS"]
        with acting(doctor):
            with pytest.raises(Refused, match="Say why"):
                accept_tests(tube, held, note="", by=doctor, at=NOW)
            accept_tests(tube, held, note="the only tube of a newborn", by=doctor, at=NOW)
            assert set(states(tube).values()) == {"accepted"}
        with acting(desk), pytest.raises(Forbidden):
            accept_tests(tube, held, note="x", by=desk, at=NOW)

    def test_what_reception_saw_spoils_only_the_tests_it_spoils(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K", "CREA"), one_with(region, "receptionist")
        accept(region, tube.number)
        with acting(desk):
            note_condition(tube, ["HAEM"], by=desk, at=NOW)
            assert states(tube) == {"K": "rejected", "CREA": "accepted"}
            with pytest.raises(Refused, match="Not in the list"):
                note_condition(tube, ["GREEN"], by=desk, at=NOW)

    def test_a_condition_noted_before_acceptance_waits_for_it(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K", "CREA"), one_with(region, "receptionist")
        with acting(desk):
            assert list(expected_at(region.hub)) == [tube]
            note_condition(tube, ["HAEM"], by=desk, at=NOW)
            assert set(states(tube).values()) == {"pending"}
        assert accept(region, tube.number) == [Intake.PARTLY]

    def test_a_mistaken_identity_is_never_conceded(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        doctor = one_with(region, "laboratory_doctor")
        with acting(desk):
            note_condition(tube, ["MISID"], by=desk, at=NOW)
        assert accept(region, tube.number) == [Intake.REJECTED]
        with acting(doctor), pytest.raises(Refused, match="another patient's"):
            accept_tests(tube, ["K"], note="please", by=doctor, at=NOW)

    def test_nobody_takes_in_at_a_site_that_is_not_theirs_or_without_the_right(self, region: Region) -> None:
        desk, nurse = one_with(region, "receptionist"), nurse_of(region)
        with acting(desk), pytest.raises(Forbidden, match="does not work at"):
            accept_specimens(["1"], site=region.clinic, by=desk, at=NOW)
        with acting(nurse), pytest.raises(Forbidden, match="may not accept specimen"):
            accept_specimens(["1"], site=region.clinic, by=nurse, at=NOW)

    def test_the_audit_knows_who_took_it_in(self, region: Region) -> None:
        tube = make_specimen(region, "K")
        accept(region, tube.number)
        with acting(LOADER):
            block = AuditBlock.objects.filter(table_name="specimen_test").latest("id")
        assert block.actor == one_with(region, "receptionist").key


def _last_block() -> int:
    with acting(LOADER):
        return AuditBlock.objects.order_by("-id").values_list("pk", flat=True)[0]


def _many(region: Region, count: int) -> list[str]:
    """Numbers of drawn tubes, made by the set: five hundred walks through the screens would test those instead."""
    model = make_specimen(region, "K")
    nurse = nurse_of(region)
    with acting(nurse):
        item, test = model.order.items.get(), model.tests.get()
        orders = [_copy(model.order, number=f"X{count}-{n}") for n in range(1, count)]
        Order.objects.bulk_create(orders)
        items = [_copy(item, order=order) for order in orders]
        OrderItem.objects.bulk_create(items)
        first = 1_000_000 + count * 1000
        tubes = [
            _copy(model, order=order, number=specimen_number("7103", first + n))
            for n, order in enumerate(orders)
        ]
        Specimen.objects.bulk_create(tubes)
        served = zip(tubes, items, strict=True)
        SpecimenTest.objects.bulk_create(_copy(test, specimen=tube, order_item=one) for tube, one in served)
    return [model.number, *(one.number for one in tubes)]


def _copy(row: Row, **changes: object) -> Row:
    facts = {
        f.attname: getattr(row, f.attname)
        for f in row._meta.concrete_fields
        if f.name not in {"id", *changes}
    }
    return type(row)(**facts, **changes)

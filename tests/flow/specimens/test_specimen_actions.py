"""The way of a tube from the order to reception, against the real database."""

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
    add_tests,
    close_without_recollection,
    collect_specimens,
    note_condition,
    print_labels,
    reject_tests,
    request_recollection,
    spin_specimens,
    withdraw_item,
    withdraw_order,
)
from aliquot.flow.specimens.models import Specimen, SpecimenEvent, SpecimenTest
from aliquot.flow.specimens.queries import expected_at, find_specimen, journey, rejected_tests, to_collect
from aliquot.flow.specimens.rules.acceptance import Outcome
from aliquot.flow.specimens.rules.numbering import check_number, specimen_number
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import claim_events
from aliquot.registers.network.models import NumberRange
from tests.factories import NOW, make_order, make_patient, make_specimen
from tests.regions import LOADER, Region, one_with

Row = TypeVar("Row", bound=Model)

MINUTE = timedelta(minutes=1)


def nurse_of(region: Region) -> Actor:
    return one_with(region, "nurse", region.clinic)


def accept(region: Region, *numbers: str) -> list[Intake]:
    desk = one_with(region, "receptionist")
    with acting(desk):
        return [one.kind for one in accept_specimens(numbers, site=region.hub, by=desk, at=NOW)]


def states(specimen: Specimen) -> dict[str, str]:
    return dict(specimen.tests.values_list("test__code", "state"))


class TestPlanning:
    def test_tubes_in_the_order_of_draw_with_numbers_of_the_site(self, region: Region) -> None:
        order = make_order(region, "GLU", "PTQ", "HGB", "K", "GLUS")
        tubes = list(order.specimens.order_by("id"))
        assert [one.container.code for one in tubes] == ["CIT", "SST", "EDTA", "FLU"]
        assert states(tubes[1]) == {"K": "pending", "GLUS": "pending"}
        prefix = NumberRange.objects.get(site=region.clinic, kind="specimen").prefix
        assert all(check_number(one.number).is_valid and one.number.startswith(prefix) for one in tubes)
        assert {one.custody_site_id for one in tubes} == {region.clinic.pk}

    def test_a_calculated_test_takes_no_tube(self, region: Region) -> None:
        order = make_order(region, "CREA", "EGFR")
        assert [states(one) for one in order.specimens.all()] == [{"CREA": "pending"}]

    def test_the_same_external_number_plans_no_second_set_of_tubes(self, region: Region) -> None:
        patient = make_patient(region)
        for _ in range(2):
            order = make_order(region, "K", patient=patient, external_system="mis", external_number="7")
        assert order.specimens.count() == 1


class TestCollecting:
    def test_the_time_of_collection_is_not_the_time_of_printing(self, region: Region) -> None:
        order, nurse = make_order(region, "K"), nurse_of(region)
        tube = order.specimens.get()
        with acting(nurse):
            assert list(to_collect(region.clinic)) == [tube]
            print_labels([tube], by=nurse, at=NOW - 30 * MINUTE)
            drawn = NOW - 20 * MINUTE
            collect_specimens([tube.number], collected_at=drawn, identity_confirmed=True, by=nurse, at=NOW)
            tube.refresh_from_db()
            steps = list(journey(tube).values_list("kind", "at", "recorded_at", "by"))
            assert list(to_collect(region.clinic)) == []
        assert (tube.state, tube.labelled_at, tube.collected_at) == ("collected", NOW - 30 * MINUTE, drawn)
        assert tube.collected_by == nurse.key
        assert steps == [
            ("planned", order.placed_at, order.placed_at, nurse.key),
            ("label_printed", NOW - 30 * MINUTE, NOW - 30 * MINUTE, nurse.key),
            ("collected", drawn, NOW, nurse.key),
        ]

    def test_printing_again_moves_nothing_back(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse):
            print_labels([tube], by=nurse, at=NOW)
            tube.refresh_from_db()
        assert (tube.state, tube.labelled_at) == ("collected", None)

    @pytest.mark.parametrize(
        ("ago", "words"),
        [(-MINUTE, "lies in the future"), (timedelta(days=9), "more than 7 days before the order")],
    )
    def test_impossible_times_are_refused_under_their_field(
        self, region: Region, ago: timedelta, words: str
    ) -> None:
        tube, nurse = make_order(region, "K").specimens.get(), nurse_of(region)
        with acting(nurse), pytest.raises(Refused, match=words) as refused:
            collect_specimens(
                [tube.number], collected_at=NOW - ago, identity_confirmed=True, by=nurse, at=NOW
            )
        assert list(refused.value.fields) == ["collected_at"]

    def test_without_the_patients_identity_nothing_is_collected(self, region: Region) -> None:
        tube, nurse = make_order(region, "K").specimens.get(), nurse_of(region)
        with acting(nurse), pytest.raises(Refused, match="name and birth date") as refused:
            collect_specimens([tube.number], collected_at=NOW, identity_confirmed=False, by=nurse, at=NOW)
        assert list(refused.value.fields) == ["identity_confirmed"]

    def test_one_wrong_number_stops_all_and_is_named(self, region: Region) -> None:
        tube, nurse = make_order(region, "K").specimens.get(), nurse_of(region)
        done = make_specimen(region, "K")
        with acting(nurse):
            for wrong, words in (
                ("123", "Not known here: 123"),
                (done.number, f"Already drawn.*{done.number}"),
            ):
                with pytest.raises(Refused, match=words):
                    collect_specimens(
                        [tube.number, wrong], collected_at=NOW, identity_confirmed=True, by=nurse, at=NOW
                    )
            tube.refresh_from_db()
        assert tube.state == "planned"

    def test_spinning_happens_once(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse):
            assert spin_specimens([tube.number], by=nurse, at=NOW)[0].spun_at == NOW
            with pytest.raises(Refused, match=f"already centrifuged: {tube.number}"):
                spin_specimens([tube.number], by=nurse, at=NOW + MINUTE)


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

        few, many = statements(5), statements(500)
        assert few == (1, [("specimen", 5), ("specimen_test", 5), ("specimen_event", 5)])
        assert many == (1, [("specimen", 500), ("specimen_test", 500), ("specimen_event", 500)])
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


class TestRejecting:
    def test_one_test_is_rejected_drawn_again_and_the_other_stands(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K", "CREA"), one_with(region, "receptionist")
        accept(region, tube.number)
        with acting(desk):
            rejected = reject_tests(tube, ["K"], "HAEM", "pink", by=desk, at=NOW)
            assert [(one.test.code, one.rejection_note) for one in rejected] == [("K", "pink")]
            assert states(tube) == {"K": "rejected", "CREA": "accepted"}
            item = OrderItem.objects.get(test__code="K", order=tube.order)
            assert item.state == "open"
            new = request_recollection([item], by=desk, at=NOW)
            with pytest.raises(Refused, match="still under way"):
                request_recollection([item], by=desk, at=NOW)
        assert (new.replaces, new.state, new.custody_site_id) == (tube, "planned", region.clinic.pk)
        assert states(new) == {"K": "pending"}
        with acting(nurse_of(region)):
            assert list(to_collect(region.clinic)) == [new]

    def test_the_clinic_sees_what_was_rejected(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        accept(region, tube.number)
        with acting(desk):
            reject_tests(tube, ["K"], "CLOT", "", by=desk, at=NOW)
            tube.refresh_from_db()
        assert tube.state == "rejected"
        with acting(nurse_of(region)):
            assert [one.test.code for one in rejected_tests(region.clinic)] == ["K"]

    def test_nothing_will_come_completes_the_order(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        item = tube.order.items.get()
        with acting(desk):
            with pytest.raises(Refused, match="still under way"):
                close_without_recollection([item], reason="x", by=desk, at=NOW)
            reject_tests(tube, ["K"], "CLOT", "", by=desk, at=NOW)
            with pytest.raises(Refused, match="Say why"):
                close_without_recollection([item], reason="", by=desk, at=NOW)
            assert close_without_recollection([item], reason="left hospital", by=desk, at=NOW) == [
                tube.order_id
            ]
        with acting(region.worker):
            assert claim_events("order_completed", limit=5) == [tube.order_id]
            item.refresh_from_db()
        assert (item.state, item.state_reason) == ("not_performed", "left hospital")

    @pytest.mark.parametrize(
        ("codes", "reason", "field"),
        [(["K"], "NOPE", "reason_code"), (["NA"], "CLOT", "tests"), ([], "CLOT", "tests")],
    )
    def test_refusals_name_their_field(
        self, region: Region, codes: list[str], reason: str, field: str
    ) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        with acting(desk), pytest.raises(Refused) as refused:
            reject_tests(tube, codes, reason, "", by=desk, at=NOW)
        assert list(refused.value.fields) == [field]

    def test_what_is_measured_is_not_rejected_any_more(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        with acting(desk):
            tube.tests.update(state="measured")
            with pytest.raises(Refused, match=r"Already measured.*K.*Refuse the result"):
                reject_tests(tube, ["K"], "CLOT", "", by=desk, at=NOW)

    def test_tests_of_two_tubes_need_two_new_ones(self, region: Region) -> None:
        order, desk = make_order(region, "K", "HGB"), one_with(region, "receptionist")
        with acting(desk):
            for tube in order.specimens.all():
                reject_tests(tube, list(states(tube)), "CLOT", "", by=desk, at=NOW)
            with pytest.raises(Refused, match="different tubes"):
                request_recollection(order.items.all(), by=desk, at=NOW)


class TestSecondTubes:
    def test_a_missing_tube_that_turns_up_after_its_successor_is_not_measured_beside_it(
        self, region: Region
    ) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        with acting(desk):
            Specimen.objects.filter(pk=tube.pk).update(state="missing")
            new = request_recollection([tube.order.items.get()], by=desk, at=NOW)
            lost = tube.tests.select_related("rejection_reason").get()
        assert (states(tube), states(new)) == ({"K": "rejected"}, {"K": "pending"})
        assert lost.rejection_reason is not None
        assert lost.rejection_reason.code == "NOTREC"
        assert accept(region, tube.number) == [Intake.CANCELLED]

    def test_nothing_is_conceded_while_its_successor_is_under_way(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K", "CREA"), one_with(region, "receptionist")
        doctor = one_with(region, "laboratory_doctor")
        accept(region, tube.number)
        with acting(desk):
            reject_tests(tube, ["K"], "HAEM", "", by=desk, at=NOW)
            request_recollection([tube.order.items.get(test__code="K")], by=desk, at=NOW)
        with acting(doctor):
            with pytest.raises(Refused, match="Another tube"):
                accept_tests(tube, ["K"], note="a newborn", by=doctor, at=NOW)
            with pytest.raises(Refused, match="None of these tests"):
                accept_tests(tube, ["CREA"], note="a newborn", by=doctor, at=NOW)


class TestWithdrawing:
    def test_an_order_takes_its_tubes_with_it(self, region: Region) -> None:
        order, nurse = make_order(region, "K", "HGB"), nurse_of(region)
        with acting(nurse):
            assert withdraw_order(order, reason="ordered twice", by=nurse, at=NOW).state == "cancelled"
            assert set(order.specimens.values_list("state", flat=True)) == {"cancelled"}

    def test_a_test_leaves_the_tube_of_the_others(self, region: Region) -> None:
        order, nurse = make_order(region, "K", "CREA"), nurse_of(region)
        with acting(nurse):
            withdraw_item(order.items.get(test__code="K"), reason="x", by=nurse, at=NOW)
            tube = order.specimens.get()
        assert (tube.state, states(tube)) == ("planned", {"K": "cancelled", "CREA": "pending"})

    def test_what_is_measured_is_not_withdrawn(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse):
            tube.tests.update(state="measured")
            with pytest.raises(Refused, match="Already measured: K"):
                withdraw_order(tube.order, reason="x", by=nurse, at=NOW)
            with pytest.raises(Refused, match="Already measured: K"):
                withdraw_item(tube.order.items.get(), reason="x", by=nurse, at=NOW)
        assert Order.objects.get(pk=tube.order_id).state == "placed"


class TestAddingTests:
    def test_a_stable_test_is_added_to_an_accepted_tube(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        accept(region, tube.number)
        with acting(nurse):
            added = add_tests(tube, ["CREA"], by=nurse, at=NOW)
            assert [(one.test.code, one.state) for one in added] == [("CREA", "accepted")]
            assert states(tube) == {"K": "accepted", "CREA": "accepted"}
            assert [item.position for item in tube.order.items.order_by("position")] == [1, 2]

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("HGB", "Not to be done from this tube: HGB"),
            ("NOPE", "does not hold NOPE"),
            ("K", "already has K"),
        ],
    )
    def test_refusals(self, region: Region, code: str, words: str) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        accept(region, tube.number)
        with acting(nurse), pytest.raises(Refused, match=words):
            add_tests(tube, [code], by=nurse, at=NOW)

    def test_too_late_adds_nothing(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "CREA"), nurse_of(region)
        accept(region, tube.number)
        with acting(nurse):
            with pytest.raises(Refused, match="GLUS is stable for 60 min"):
                add_tests(tube, ["GLUS"], by=nurse, at=NOW + timedelta(hours=3))
            assert states(tube) == {"CREA": "accepted"}
            assert tube.order.items.count() == 1

    def test_not_before_it_is_taken_in(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse), pytest.raises(Refused, match="accepted tube only"):
            add_tests(tube, ["CREA"], by=nurse, at=NOW)


def test_the_other_clinic_and_the_courier_see_no_tube(region: Region) -> None:
    tube = make_specimen(region, "K")
    for stranger in (one_with(region, "nurse", region.other_clinic), one_with(region, "courier")):
        with acting(stranger):
            assert find_specimen(tube.number) is None
            assert SpecimenTest.objects.count() == SpecimenEvent.objects.count() == 0


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

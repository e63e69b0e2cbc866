"""A nonconformity from its raising to its closing: who may, in which order, and what the database refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.actions import (
    Analysis,
    Complainant,
    Containment,
    Happening,
    Plan,
    Planned,
    add_action,
    answer_complaint,
    check_effect,
    close_nonconformity,
    contain_nonconformity,
    dismiss_nonconformity,
    find_cause,
    finish_action,
    plan_actions,
    raise_nonconformity,
)
from aliquot.oversight.improvement.models import ImprovementAction, Nonconformity
from aliquot.oversight.improvement.queries import (
    actions_of,
    causes_by_month,
    complaint_of,
    last_of_subject,
    lines_of,
    nonconformity_of,
    open_count,
    over_of,
    overdue_count,
    people_at,
    raised_at,
    steps_of,
    subject_of,
)
from aliquot.oversight.improvement.rules.audits import STEPS as AUDIT_STEPS
from aliquot.oversight.improvement.rules.nonconformities import STEPS, Urgency
from tests.factories import NOW, make_order
from tests.oversight.improvement.made import (
    CAUSE,
    CONTAINED,
    TODAY,
    WEEK,
    make_acting,
    make_contained,
    make_done,
    make_raised,
    make_rejected,
)
from tests.regions import Region, one_with

LATER = NOW + WEEK


class TestRaising:
    def test_numbers_count_in_the_region_whoever_raises(self, region: Region) -> None:
        first = make_raised(region)
        nurse, other = (
            one_with(region, "nurse", region.clinic),
            one_with(region, "nurse", region.other_clinic),
        )
        for by, place in ((nurse, region.clinic), (other, region.other_clinic)):
            with acting(by):
                raise_nonconformity(Happening("other", "no tubes left"), place, by=by, at=NOW)
        with acting(region.worker):
            assert list(Nonconformity.objects.order_by("id").values_list("number", flat=True)) == [
                "2026-0001",
                "2026-0002",
                "2026-0003",
            ]
        assert (first.state, first.level, first.contain_by) == ("raised", "low", NOW + WEEK)

    def test_a_rejected_tube_brings_its_parties_and_what_was_wrong(self, region: Region) -> None:
        tube, desk = make_rejected(region), one_with(region, "receptionist")
        with acting(desk):
            subject = subject_of("rejected_tube", tube.pk)
            assert subject is not None
            assert (subject.reference, subject.facts) == (tube.number, ("K: Haemolysed",))
            happening = Happening("rejected_tube", "third time this week", tube.pk)
            row = raise_nonconformity(happening, region.hub, by=desk, at=NOW)
        assert (row.site_id, row.laboratory_id, row.reference) == (
            region.clinic.pk,
            region.hub.pk,
            tube.number,
        )
        with acting(one_with(region, "nurse", region.clinic)):
            assert last_of_subject("rejected_tube", tube.pk) == row
            assert list(raised_at(region.clinic.pk, "")) == [row]
        with acting(one_with(region, "nurse", region.other_clinic)):
            assert nonconformity_of(row.pk) is None

    def test_the_same_tube_is_not_raised_twice_while_somebody_works_on_it(self, region: Region) -> None:
        tube, by = make_rejected(region), one_with(region, "laboratory_doctor")
        with acting(by):
            happening = Happening("rejected_tube", "haemolysed", tube.pk)
            row = raise_nonconformity(happening, region.hub, by=by, at=NOW)
            with pytest.raises(Refused, match=row.number):
                raise_nonconformity(happening, region.hub, by=by, at=NOW)
            dismiss_nonconformity(row.pk, "a known patient with haemolysis", by=by, at=NOW)
            assert raise_nonconformity(happening, region.hub, by=by, at=NOW).number == "2026-0002"

    def test_a_complaint_names_who_complains_and_is_answered_before_it_is_closed(
        self, region: Region
    ) -> None:
        order, physician = make_order(region), one_with(region, "physician", region.clinic)
        happening = Happening("complaint", "the report came two days late", order.pk)
        with acting(physician):
            with pytest.raises(Refused) as fault:
                raise_nonconformity(happening, region.clinic, by=physician, at=NOW)
            assert set(fault.value.fields) == {"complainant"}
            named = Happening("complaint", happening.what, order.pk, None, Complainant("Dr. Lugovoy"))
            row = raise_nonconformity(named, region.clinic, by=physician, at=NOW)
            raise_nonconformity(named, region.clinic, by=physician, at=NOW)  # the next day it is late again
        manager, doctor = one_with(region, "quality_manager"), one_with(region, "laboratory_doctor")
        with acting(manager):
            contain_nonconformity(row.pk, Containment("printed by hand", "none", 1, 2), by=manager, at=NOW)
        with acting(doctor):
            with pytest.raises(Refused, match="Answer the complaint"):
                close_nonconformity(row.pk, "a courier was ill", by=doctor, at=NOW)
            answer_complaint(row.pk, "a courier was ill; sorry", is_justified=True, by=doctor, at=NOW)
            with pytest.raises(Refused, match="answered already"):
                answer_complaint(row.pk, "again", is_justified=False, by=doctor, at=NOW)
            close_nonconformity(row.pk, "a courier was ill", by=doctor, at=NOW)
        with acting(physician):
            told = complaint_of(row.pk)
            assert told is not None
            assert told.answer == "a courier was ill; sorry"

    def test_a_courier_raises_and_sees_what_becomes_of_it(self, region: Region) -> None:
        courier = one_with(region, "courier")
        with acting(courier):
            row = raise_nonconformity(Happening("other", "the box was warm"), region.hub, by=courier, at=NOW)
            assert nonconformity_of(row.pk) == row
            assert [one.kind for one in steps_of(row.pk)] == ["raised"]
        make_raised(region)
        with acting(courier):
            assert list(raised_at(None, courier.key)) == [row]

    def test_a_courier_hands_on_a_complaint_and_reads_its_answer(self, region: Region) -> None:
        courier, manager = one_with(region, "courier"), one_with(region, "quality_manager")
        told = Happening("complaint", "the box came late", None, None, Complainant("a nurse", "spoken"))
        with acting(courier):
            row = raise_nonconformity(told, region.hub, by=courier, at=NOW)
        with acting(manager):
            answer_complaint(row.pk, "the road was closed", is_justified=True, by=manager, at=NOW)
        with acting(courier):
            complaint = complaint_of(row.pk)
            assert complaint is not None
            assert complaint.answer == "the road was closed"

    @pytest.mark.parametrize(
        ("happening", "field"),
        [(Happening("other", "  "), "what"), (Happening("gossip", "x"), "source")],
    )
    def test_what_is_missing_is_named(self, region: Region, happening: Happening, field: str) -> None:
        by = one_with(region, "technologist", region.hub)
        with acting(by), pytest.raises(Refused) as fault:
            raise_nonconformity(happening, region.hub, by=by, at=NOW)
        assert set(fault.value.fields) == {field}

    def test_a_severity_that_is_none_is_refused(self, region: Region) -> None:
        with pytest.raises(Refused, match="1 to 5"):
            make_raised(region, severity=6)

    def test_who_does_not_see_the_tube_cannot_raise_it(self, region: Region) -> None:
        tube, by = make_rejected(region), one_with(region, "nurse", region.other_clinic)
        happening = Happening("rejected_tube", "x", tube.pk)
        with acting(by), pytest.raises(Forbidden):
            raise_nonconformity(happening, region.other_clinic, by=by, at=NOW)

    def test_another_system_raises_nothing(self, region: Region) -> None:
        by = one_with(region, "integration")
        with acting(by), pytest.raises(Forbidden, match="raise nonconformity"):
            raise_nonconformity(Happening("other", "x"), region.clinic, by=by, at=NOW)


class TestTheWholeWay:
    def test_from_containment_to_closing(self, region: Region) -> None:
        technologist, manager = one_with(region, "technologist"), one_with(region, "quality_manager")
        row = make_done(region, technologist)
        assert row.state == "done"
        with acting(manager):
            check_effect(row.pk, "0.1 % in a week", is_effective=True, by=manager, at=LATER)
            close_nonconformity(row.pk, "the draw is taught every year", by=manager, at=LATER)
            kinds = [one.kind for one in steps_of(row.pk)]
            assert kinds == ["raised", "contained", "analysed", "planned", "finished", "effective", "closed"]
            assert list(over_of(region.hub.pk)) == [row]
            assert open_count(region.hub.pk) == 0
            row.refresh_from_db()
            assert row.whys == ["tourniquet too long", "nobody showed it"]
            with pytest.raises(Refused, match="raise a new one"):
                close_nonconformity(row.pk, "again", by=manager, at=LATER)

    def test_who_acted_neither_judges_nor_closes(self, region: Region) -> None:
        manager, doctor = one_with(region, "quality_manager"), one_with(region, "laboratory_doctor")
        row = make_done(region, manager)
        with acting(manager), pytest.raises(Refused, match="somebody else judge"):
            check_effect(row.pk, "fine", is_effective=True, by=manager, at=LATER)
        with acting(doctor):
            check_effect(row.pk, "fine", is_effective=True, by=doctor, at=LATER)
        with acting(manager), pytest.raises(Refused, match="somebody else close"):
            close_nonconformity(row.pk, "fine", by=manager, at=LATER)

    def test_the_effect_is_not_judged_before_its_day(self, region: Region) -> None:
        row, manager = (
            make_done(region, one_with(region, "technologist")),
            one_with(region, "quality_manager"),
        )
        with acting(manager), pytest.raises(Refused, match="2026-11-29"):
            check_effect(row.pk, "fine", is_effective=True, by=manager, at=NOW)

    def test_without_effect_the_cause_is_sought_again(self, region: Region) -> None:
        row, manager = (
            make_done(region, one_with(region, "technologist")),
            one_with(region, "quality_manager"),
        )
        with acting(manager):
            check_effect(row.pk, "still 0.9 %", is_effective=False, by=manager, at=LATER)
            row.refresh_from_db()
            assert (row.state, row.attempts) == ("contained", 1)
            find_cause(row.pk, Analysis("material", [], "the needles are too thin"), by=manager, at=LATER)
            due = TODAY + 2 * WEEK
            plan = Plan([Planned("other needles", manager.key, due)], "below 0.2 %", due)
            plan_actions(row.pk, plan, by=manager, at=LATER)
            assert [one.attempt for one in actions_of(row.pk)] == [0, 1]

    def test_another_action_may_be_needed_after_the_others(self, region: Region) -> None:
        row, manager = (
            make_done(region, one_with(region, "technologist")),
            one_with(region, "quality_manager"),
        )
        with acting(manager):
            late = Planned("a poster", manager.key, TODAY + 2 * WEEK)
            with pytest.raises(Refused, match="before its effect is checked"):
                add_action(row.pk, late, by=manager, at=NOW)
            action = add_action(row.pk, Planned("a poster", manager.key, TODAY), by=manager, at=NOW)
            row.refresh_from_db()
            assert row.state == "acting"
            finish_action(action.pk, "hung up", by=manager, at=NOW)
            with pytest.raises(Refused, match="done already"):
                finish_action(action.pk, "again", by=manager, at=NOW)
            row.refresh_from_db()
            assert row.state == "done"

    def test_an_action_is_done_by_its_owner(self, region: Region) -> None:
        desk = one_with(region, "receptionist")
        row = make_acting(region, one_with(region, "technologist"))
        with acting(desk), pytest.raises(Forbidden, match="somebody else"):
            finish_action(actions_of(row.pk)[0].pk, "done", by=desk, at=NOW)

    def test_of_low_risk_one_is_closed_after_containment_by_another(self, region: Region) -> None:
        row = make_contained(region, Containment("wiped up", "none", 1, 2))
        manager, doctor = one_with(region, "quality_manager"), one_with(region, "laboratory_doctor")
        with acting(manager), pytest.raises(Refused, match="somebody else close"):
            close_nonconformity(row.pk, "no action is needed", by=manager, at=NOW)
        with acting(doctor):
            assert close_nonconformity(row.pk, "no action is needed", by=doctor, at=NOW).state == "closed"

    def test_a_greater_risk_is_not_closed_after_containment(self, region: Region) -> None:
        row, doctor = make_contained(region), one_with(region, "laboratory_doctor")
        with acting(doctor), pytest.raises(Refused, match="low risk"):
            close_nonconformity(row.pk, "no action is needed", by=doctor, at=NOW)


class TestRefusals:
    def test_a_technologist_raises_and_does_not_decide(self, region: Region) -> None:
        row, by = make_raised(region), one_with(region, "technologist", region.hub)
        with acting(by), pytest.raises(Forbidden, match="work nonconformity"):
            contain_nonconformity(row.pk, CONTAINED, by=by, at=NOW)

    def test_no_step_is_passed_over(self, region: Region) -> None:
        row, manager = make_raised(region), one_with(region, "quality_manager")
        with acting(manager):
            with pytest.raises(Refused, match="raised"):
                find_cause(row.pk, CAUSE, by=manager, at=NOW)
            with pytest.raises(Refused, match="Find the cause first"):
                add_action(row.pk, Planned("x", manager.key, TODAY), by=manager, at=NOW)
            with pytest.raises(Refused, match="no complaint"):
                answer_complaint(row.pk, "sorry", is_justified=True, by=manager, at=NOW)

    def test_a_plan_has_actions_with_owners_and_days_in_order(self, region: Region) -> None:
        row, manager = make_contained(region), one_with(region, "quality_manager")
        nurse = one_with(region, "nurse", region.clinic)
        yesterday = TODAY - timedelta(days=1)
        with acting(manager):
            find_cause(row.pk, CAUSE, by=manager, at=NOW)
            for plan, field in (
                (Plan([], "x", TODAY), "what"),
                (Plan([Planned("x", manager.key, TODAY)], " ", TODAY), "criterion"),
                (Plan([Planned("x", manager.key, yesterday)], "x", TODAY), "due_on"),
                (Plan([Planned("x", manager.key, TODAY)], "x", yesterday), "check_on"),
                (Plan([Planned("x", nurse.key, TODAY)], "x", TODAY), "owner"),
            ):
                with pytest.raises(Refused) as fault:
                    plan_actions(row.pk, plan, by=manager, at=NOW)
                assert set(fault.value.fields) == {field}
            assert actions_of(row.pk) == []

    def test_another_laboratory_works_on_its_own(self, region: Region) -> None:
        row = make_raised(region)
        spoke = region.sites["TUL-NOV"]
        stranger = one_with(region, "technologist", spoke)
        with acting(stranger):
            assert nonconformity_of(row.pk) is None
            assert [key for key, _name in people_at(spoke.pk)] == [stranger.key]


@pytest.mark.usefixtures("region")
class TestTheDatabase:
    def test_it_lists_the_same_steps_as_the_rules(self) -> None:
        for table, steps in (("nonconformity", STEPS), ("internal_audit", AUDIT_STEPS)):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s", [f"{table}_steps"]
                )
                (text,) = cursor.fetchone()
            listed = set(text.split("'{")[1].split("}'")[0].split(","))
            assert listed == {f"{state}>{to}" for state, many in steps.items() for to in many}

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ("state = 'done', checked_by = ''", "does not go from"),
            ("state = 'closed', closed_by = 'x'", "does not go from"),
            ("state = 'contained'", "nonconformity_contained_with_words"),
        ],
    )
    def test_it_refuses_a_step_that_is_not_listed(self, region: Region, change: str, words: str) -> None:
        row = make_raised(region)
        with (
            acting(region.worker),
            pytest.raises(IntegrityError, match=words),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE nonconformity SET {change} WHERE id = %s", [row.pk])

    def test_it_refuses_who_acted_as_judge_and_a_change_of_what_is_settled(self, region: Region) -> None:
        manager = one_with(region, "quality_manager")
        row = make_done(region, manager)
        for statement, words in (
            ("UPDATE nonconformity SET state = 'effective', checked_by = %s WHERE id = %s", "does not judge"),
            ("UPDATE nonconformity_action SET done_note = %s WHERE nonconformity_id = %s", "settled"),
        ):
            with (
                acting(manager),
                pytest.raises(IntegrityError, match=words),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, [manager.key, row.pk])

    def test_what_is_closed_stays_as_it_is(self, region: Region) -> None:
        row, manager = make_raised(region), one_with(region, "quality_manager")
        with acting(manager):
            dismiss_nonconformity(row.pk, "it was meant so", by=manager, at=NOW)
            with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
                Nonconformity.objects.filter(pk=row.pk).update(conclusion="otherwise")


class TestLists:
    def test_the_most_urgent_comes_first_and_one_sees_her_own(self, region: Region) -> None:
        technologist, manager = one_with(region, "technologist"), one_with(region, "quality_manager")
        calm = make_raised(region)
        high = make_raised(region, severity=5)
        late = make_acting(region, technologist)
        later = NOW + WEEK + timedelta(days=1)
        with acting(manager):
            lines = lines_of(region.hub.pk, at=NOW, today=TODAY)
            assert [one.row for one in lines] == [high, calm, late]
            assert [one.urgency for one in lines] == [Urgency.HIGH, Urgency.CALM, Urgency.CALM]
            lines = lines_of(region.hub.pk, at=later, today=later.date())
            assert [one.urgency for one in lines] == [Urgency.OVERDUE] * 3
            assert overdue_count(region.hub.pk, at=later, today=later.date()) == 3
            mine = lines_of(region.hub.pk, at=NOW, today=TODAY, owner=technologist.key)
            assert [(one.row, one.due_on) for one in mine] == [(late, TODAY + WEEK)]

    def test_causes_are_counted_by_month_without_what_was_none(self, region: Region) -> None:
        make_acting(region, one_with(region, "technologist"))
        manager, row = one_with(region, "quality_manager"), make_raised(region)
        make_raised(region)
        with acting(manager):
            dismiss_nonconformity(row.pk, "none", by=manager, at=NOW)
            found = causes_by_month(region.hub.pk, since=NOW - WEEK, time_zone="Europe/Moscow")
            assert [(one.month.isoformat(), one.cause, one.count) for one in found] == [
                ("2026-11-01", "", 1),
                ("2026-11-01", "people", 1),
            ]
            assert ImprovementAction.objects.count() == 1

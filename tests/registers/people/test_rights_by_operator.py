"""Rights follow who operates the place and who employs the person, at that minute, without anybody acting then."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from aliquot.entrypoints.lookback.processes import run_task
from aliquot.flow.results.actions import ask_recall
from aliquot.flow.results.models import LookBackTask
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.queries import people_at
from aliquot.registers.people.actions import (
    add_person,
    assign_role,
    employ_person,
    end_employment,
    load_region,
)
from aliquot.registers.people.models import Employment, Person, Role
from aliquot.registers.people.queries import dormant_places, employers_at
from aliquot.registers.people.sign_in import actor_for, confirm_rights
from tests.entrypoints.api.clients import System
from tests.processes import LiveRegion
from tests.regions import LOADER, Region, one_with, read_region
from tests.registers.network.operators import employ, make_operator, operate
from tests.web import signed_in

BEFORE = timedelta(microseconds=1)


@pytest.fixture
def day() -> datetime:
    """When the operator changes: the demonstration's people hold their roles since a moment ago."""
    return timezone.now() + timedelta(days=30)


def actor(username: str, at: datetime) -> Actor:
    """What this person is at that moment."""
    with acting(LOADER):
        return actor_for(Person.objects.get(username=username), at=at)


def make_person(region: Region, username: str, role: str, since: datetime) -> Person:
    """Somebody new with a role at the hub, of whom nobody said who employs them."""
    with acting(LOADER):
        facts = {"name_en": username, "name_ru": username, "language": "en"}
        person = add_person(username=username, **facts, by=LOADER, at=since)
        assign_role(person, site=region.hub, role=role, since=since, by=LOADER, at=since)
    return person


def test_staff_of_the_old_operator_lose_their_rights_at_that_moment(region: Region, day: datetime) -> None:
    operate(region.hub, make_operator(), day)
    for username in ("technologist", "doctor", "director", "admin", "reception", "courier", "quality"):
        assert actor(username, day - BEFORE).permissions == region.people[username].permissions
        lost = actor(username, day)
        assert (len(lost.permissions), len(lost.sites), len(lost.roles), lost.site_id) == (0, 0, 0, None)


def test_staff_of_the_new_operator_are_prepared_ahead_and_begin_at_that_moment(
    region: Region, day: datetime
) -> None:
    new = make_operator()
    person = make_person(region, "new.technologist", "technologist", timezone.now())
    with acting(LOADER):
        end_employment(person.employments.get(), until=day - timedelta(days=2), by=LOADER, at=timezone.now())
        employ_person(person, new, since=day - timedelta(days=2), by=LOADER, at=timezone.now())
    operate(region.hub, new, day)
    assert actor("new.technologist", day - BEFORE).permissions == set()
    begun = actor("new.technologist", day)
    assert begun.permissions == region.people["technologist"].permissions
    assert begun.sites == {region.hub.pk}


def test_who_is_taken_over_works_on_without_a_break(region: Region, day: datetime) -> None:
    new = make_operator()
    operate(region.hub, new, day)
    employ("technologist", new, day)
    for at in (day - BEFORE, day, day + timedelta(days=400)):
        assert actor("technologist", at).permissions == region.people["technologist"].permissions


def test_everybody_else_notices_nothing(region: Region, day: datetime) -> None:
    operate(region.hub, make_operator(), day)
    for username in ("nurse", "physician", "technologist.novomoskovsk", "mis.aleksin", "officer"):
        after, before = actor(username, day), region.people[username]
        assert (after.permissions, after.sites) == (before.permissions, before.sites)


def test_an_officer_of_the_data_owner_sees_no_row_of_a_patient(region: Region) -> None:
    officer = region.people["officer"]
    assert officer.sites == set()
    assert officer.site_id == region.hub.pk
    assert officer.may("plan_operator_change")
    assert not officer.may("view_report")


def test_rights_end_with_the_employment(region: Region, day: datetime) -> None:
    with acting(LOADER):
        kept = Employment.objects.get(person__username="technologist")
        end_employment(kept, until=day, by=LOADER, at=timezone.now())
        with pytest.raises(Refused, match="ends earlier"):
            end_employment(Employment.objects.get(pk=kept.pk), until=day, by=LOADER, at=timezone.now())
        with pytest.raises(Refused, match="not over"):
            end_employment(kept, until=timezone.now() - timedelta(days=1), by=LOADER, at=timezone.now())
    assert actor("technologist", day - BEFORE).may("enter_result")
    assert not actor("technologist", day).may("enter_result")


def test_nobody_changes_his_own_employer(region: Region, day: datetime) -> None:
    admin, new = region.people["admin"], make_operator()
    with acting(admin):
        own = Person.objects.get(username="admin")
        with pytest.raises(Refused, match="your own employer"):
            employ_person(own, new, since=day, by=admin, at=day)
        with pytest.raises(Refused, match="your own employer"):
            end_employment(own.employments.get(), until=day, by=admin, at=timezone.now())


def test_an_employment_is_recorded_once_at_a_time(region: Region, day: datetime) -> None:
    new = make_operator()
    employ("technologist", new, day)
    with pytest.raises(Refused, match="employs"):
        employ("technologist", new, day + timedelta(days=1))
    with acting(LOADER):
        person = Person.objects.get(username="technologist")
        with pytest.raises(Refused, match="before the beginning"):
            employ_person(person, new, since=day, until=day, by=LOADER, at=day)
        assert [one.code for one in employers_at(person, day)] == ["TUL-LAB", "NEW-LAB"]


def test_who_is_given_a_first_role_is_employed_by_who_operates_there(region: Region, day: datetime) -> None:
    new = make_operator()
    operate(region.hub, new, day)
    now = timezone.now()
    early, late = make_person(region, "early", "technologist", now), make_person(region, "late", "nurse", day)
    with acting(LOADER):
        assert employers_at(early, day) == [region.hub.organisation]
        assert employers_at(late, day) == [new]


def test_loading_the_region_again_employs_nobody_anew(region: Region) -> None:
    now = timezone.now()
    operate(region.hub, make_operator(), now)
    with acting(LOADER):
        load_region(by=LOADER, at=timezone.now())
    assert actor("technologist", timezone.now()).permissions == set()


def test_a_person_is_told_who_operates_now(region: Region, day: datetime) -> None:
    new = make_operator()
    operate(region.hub, new, day)
    with acting(actor("technologist", day)):
        assert dormant_places(region.people["technologist"].person_id or 0, day - BEFORE) == []
    with acting(region.people["technologist"]):
        found = dormant_places(region.people["technologist"].person_id or 0, day)
    assert [(one.site, one.operator, one.since) for one in found] == [(region.hub, new, day)]


def test_work_is_given_to_who_works_there_now(region: Region) -> None:
    employed, now = make_operator(), timezone.now()
    with acting(region.people["quality"]):
        before = {key.rpartition(":")[2] for key, _name in people_at(region.hub.pk)}
        assert {"doctor", "technologist"} <= before
        assert "officer" not in before
    employ("technologist", employed, now)
    operate(region.hub, employed, now)
    with acting(region.people["quality"]):
        assert {key.rpartition(":")[2] for key, _name in people_at(region.hub.pk)} == {"technologist"}


def test_long_work_is_not_kept_when_the_rights_ended_meanwhile(region: Region, day: datetime) -> None:
    operate(region.hub, make_operator(), day)
    doctor = region.people["doctor"]
    with acting(doctor):
        confirm_rights(doctor, at=day - BEFORE)
        with pytest.raises(Forbidden, match="ended while"):
            confirm_rights(doctor, at=day)
        confirm_rights(LOADER, at=day)


def test_a_signed_in_browser_and_its_open_page_are_refused(region: Region) -> None:
    client = signed_in("doctor")
    assert client.get("/bench/verify/").status_code == 200
    operate(region.hub, make_operator(), timezone.now())
    assert client.get("/bench/verify/").status_code == 403
    assert client.post("/bench/undo/", {}).status_code == 403


def test_a_system_that_calls_is_refused(region: Region) -> None:
    system = System("mis", region.clinic)
    assert system.get("Patient", identifier="x").status_code != 403
    operate(region.clinic, make_operator(), timezone.now())
    assert system.get("Patient", identifier="x").status_code == 403


def test_work_that_was_asked_for_is_not_done_in_the_name_of_who_lost_the_right(
    live_region: LiveRegion,
) -> None:
    region = read_region()
    doctor = one_with(region, Role.LABORATORY_DOCTOR, region.hub)
    criteria = Criteria(since=timezone.now() - timedelta(hours=1), test_id=1)
    with acting(doctor):
        task = ask_recall(criteria, region.hub, reason="lamp", total=1, by=doctor, at=timezone.now())
    operate(region.hub, make_operator(), timezone.now())
    assert run_task(task.pk)
    with acting(region.worker):
        state, fault = LookBackTask.objects.values_list("state", "fault").get(pk=task.pk)
    assert (state, fault) == ("failed", "Irina Belozyorova may not recall result.")

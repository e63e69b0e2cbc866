"""A change of the operator is planned by one, shown, approved by another, and comes by itself."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.queries import changes as audited
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.succession.actions import approve_change, plan_change, withdraw_change
from aliquot.oversight.succession.models import OperatorChange
from aliquot.oversight.succession.queries import Effect, effect_of, open_work
from aliquot.registers.network.models import Contract, Operation
from aliquot.registers.network.queries import operator_of
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for
from tests.factories import make_accepted, make_decided
from tests.regions import LOADER, Region
from tests.registers.network.operators import employ, make_contract, make_operator, operate

BEFORE = timedelta(microseconds=1)
AT = timezone.now() + timedelta(seconds=1)
DAY = AT + timedelta(days=30)


@pytest.fixture
def contract(region: Region) -> Contract:
    """Of an operator that is to come."""
    return make_contract(make_operator())


def plan(region: Region, contract: Contract | None, **changes: Any) -> OperatorChange:
    """The first officer plans a change of the hub's operator."""
    officer = region.people["officer"]
    given: dict[str, Any] = {"on": DAY, "reason": "the contract ended", "at": AT}
    sites = changes.pop("sites", [region.hub])
    with acting(officer):
        return plan_change(sites, contract, by=officer, **{**given, **changes})


def approve(
    region: Region, change: OperatorChange, *, who: str = "officer.second", at: datetime = AT
) -> None:
    officer = region.people[who]
    with acting(officer):
        approve_change(change, by=officer, at=at)


def seen(region: Region, change: OperatorChange) -> Effect:
    with acting(region.people["officer"]):
        return effect_of(change)


def rights(username: str, at: datetime) -> Actor:
    with acting(LOADER):
        return actor_for(Person.objects.get(username=username), at=at)


def test_a_plan_changes_nothing_and_its_approval_nothing_before_its_moment(
    region: Region, contract: Contract
) -> None:
    change = plan(region, contract)
    assert operator_of(region.hub, DAY) == region.hub.organisation
    approve(region, change)
    assert operator_of(region.hub, DAY - BEFORE) == region.hub.organisation
    assert operator_of(region.hub, DAY) == contract.contractor
    assert rights("doctor", DAY - BEFORE).may("release_result")
    assert not rights("doctor", DAY).may("release_result")


def test_it_says_beforehand_who_loses_and_who_gains(region: Region, contract: Contract) -> None:
    employ("technologist", contract.contractor, AT)
    employ("nurse", contract.contractor, AT)
    change = plan(region, contract, sites=[region.hub, region.sites["TUL-NOV"]])
    effect = seen(region, change)
    assert [(one.username, one.role) for one in effect.lose] == [
        ("admin", "administrator"),
        ("courier", "courier"),
        ("director", "hub_director"),
        ("doctor", "laboratory_doctor"),
        ("quality", "quality_manager"),
        ("reception", "receptionist"),
        ("technologist.novomoskovsk", "technologist"),
    ]
    assert effect.gain == []
    assert effect.keep == 3  # the technologist who is taken over, two officers of the data owner


def test_who_waits_for_the_new_operator_is_named(region: Region, contract: Contract) -> None:
    first = make_operator("FIRST")
    operate(region.hub, first, AT - timedelta(seconds=1))
    employ("technologist", first, AT - timedelta(seconds=1))
    employ("doctor", contract.contractor, AT)
    effect = seen(region, plan(region, contract))
    assert [one.username for one in effect.lose] == ["technologist"]
    assert [one.username for one in effect.gain] == ["doctor"]
    assert effect.contracts == ["C-FIRST"]


def test_open_work_is_counted_for_who_sees_no_patient(region: Region, contract: Contract) -> None:
    nothing = seen(region, plan(region, contract)).work
    made = make_decided(region, make_accepted(region, "GLUS", "K"), "K", "9.0")
    assert made.state == "held"
    with acting(region.people["officer"]):
        found = {one.kind: one.amount for one in open_work([region.hub.pk])}
    more = {kind: amount - nothing.get(kind, 0) for kind, amount in found.items()}
    assert {kind: amount for kind, amount in more.items() if amount} == {
        "call_open": 1,
        "order": 1,
        "result_waiting": 1,
        "test_to_measure": 1,
    }
    with (
        acting(region.people["director"]),
        pytest.raises(InsufficientPrivilege, match="who decides about operators"),
        transaction.atomic(),
    ):
        open_work([region.hub.pk])


def test_nobody_approves_what_he_planned(region: Region, contract: Contract) -> None:
    change = plan(region, contract)
    with pytest.raises(Forbidden, match="Somebody else"):
        approve(region, change, who="officer")
    with (
        acting(region.people["officer"]),
        pytest.raises(IntegrityError, match="by_two"),
        transaction.atomic(),
    ):
        OperatorChange.objects.filter(pk=change.pk).update(
            state="approved", approved_at=AT, approved_by=change.planned_by
        )


def test_what_was_approved_keeps_what_the_approver_was_shown(region: Region, contract: Contract) -> None:
    change = plan(region, contract)
    approve(region, change)
    with acting(region.people["officer"]):
        change.refresh_from_db()
    assert change.state == "approved"
    assert "doctor" in [one["username"] for one in change.effect["lose"]]
    with pytest.raises(Refused, match="not planned any more"):
        approve(region, change)
    with acting(region.people["director"]):
        rows = audited(table="operation", limit=10)
    assert [(one.actor, one.reason) for one in rows] == [
        (region.people["officer.second"].key, "the contract ended")
    ]


def test_a_moment_that_is_over_is_neither_planned_nor_approved(region: Region, contract: Contract) -> None:
    with pytest.raises(Refused, match="This moment is over"):
        plan(region, contract, on=AT)
    change = plan(region, contract)
    with pytest.raises(Refused, match="The moment of this change is over"):
        approve(region, change, at=DAY)
    assert operator_of(region.hub, DAY) == region.hub.organisation


def test_each_fault_stands_by_its_field(region: Region, contract: Contract) -> None:
    supply = make_contract(contract.contractor, number="S-1", kind="equipment")
    late = make_contract(contract.contractor, number="S-2", since=DAY + timedelta(days=1))
    faults: dict[str, dict[str, Any]] = {
        "reason": {"reason": " "},
        "sites": {"sites": []},
        "on": {"on": AT - timedelta(days=1)},
    }
    for field, given in faults.items():
        with pytest.raises(Refused) as refusal:
            plan(region, contract, **given)
        assert set(refusal.value.fields) == {field}
    for unfit in (supply, late):
        with pytest.raises(Refused) as refusal:
            plan(region, unfit)
        assert set(refusal.value.fields) == {"contract"}
    with pytest.raises(Refused, match="then already"):
        plan(region, None)


def test_one_change_at_a_time_is_under_way_for_a_site(region: Region, contract: Contract) -> None:
    first = plan(region, contract)
    with pytest.raises(Refused, match="under way"):
        plan(region, contract, on=DAY + timedelta(days=9))
    officer = region.people["officer"]
    with acting(officer):
        withdraw_change(first, "a mistake", by=officer, at=AT)
    plan(region, contract, on=DAY + timedelta(days=9))


def test_a_withdrawn_change_leaves_the_records_as_they_were(region: Region, contract: Contract) -> None:
    first = make_operator("FIRST")
    earlier = operate(region.hub, first, AT - timedelta(seconds=1))
    change = plan(region, contract)
    approve(region, change)
    assert operator_of(region.hub, DAY) == contract.contractor
    officer = region.people["officer"]
    with acting(officer):
        change.refresh_from_db()
        with pytest.raises(Refused, match="Say why"):
            withdraw_change(change, " ", by=officer, at=AT)
        withdraw_change(change, "the ministry decided otherwise", by=officer, at=DAY - BEFORE)
    earlier.refresh_from_db()
    assert (earlier.until, operator_of(region.hub, DAY)) == (None, first)
    assert Operation.objects.count() == 1


def test_what_is_in_force_is_not_withdrawn(region: Region, contract: Contract) -> None:
    change = plan(region, contract)
    approve(region, change)
    officer = region.people["officer"]
    with acting(officer):
        change.refresh_from_db()
        with pytest.raises(Refused, match="in force"):
            withdraw_change(change, "too late", by=officer, at=DAY)
    assert operator_of(region.hub, DAY) == contract.contractor


def test_a_site_goes_back_to_whom_it_belongs_to(region: Region, contract: Contract) -> None:
    operate(region.hub, contract.contractor, AT - timedelta(seconds=1), contract=contract)
    assert not rights("doctor", AT).may("release_result")
    change = plan(region, None)
    assert {"doctor", "technologist"} <= {one.username for one in seen(region, change).gain}
    approve(region, change)
    assert operator_of(region.hub, DAY) == region.hub.organisation
    assert rights("doctor", DAY).may("release_result")


@pytest.mark.parametrize("username", ["director", "admin", "nurse"])
def test_staff_of_an_operator_neither_plan_nor_approve(
    region: Region, contract: Contract, username: str
) -> None:
    change, person = plan(region, contract), region.people[username]
    with acting(person):
        with pytest.raises(Forbidden):
            approve_change(change, by=person, at=AT)
        with pytest.raises(Forbidden):
            plan_change([region.hub], contract, on=DAY, reason="mine", by=person, at=AT)
        with pytest.raises(Forbidden):
            withdraw_change(change, "mine", by=person, at=AT)

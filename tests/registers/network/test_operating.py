"""Who operates a site is a dated record: never two at once, never nobody, nothing of the past changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.actions import end_operation, keep_contract, name_data_owner, reopen_operation
from aliquot.registers.network.actions.operating import ContractFacts
from aliquot.registers.network.models import Contract, DataOwner, Operation, Organisation
from aliquot.registers.network.queries import data_owner_at, operator_of, spells_of
from tests.factories import NOW
from tests.regions import LOADER, Region
from tests.registers.network.operators import LONG_AGO, make_contract, make_operator, operate

LATER = NOW + timedelta(days=30)
BEFORE = timedelta(microseconds=1)


def test_a_site_is_operated_by_its_own_organisation_until_a_contract_says_otherwise(region: Region) -> None:
    own, new = region.hub.organisation, make_operator()
    operate(region.hub, new, LATER)
    assert operator_of(region.hub, LATER - BEFORE) == own
    assert operator_of(region.hub, LATER) == new
    assert operator_of(region.clinic, LATER) == region.clinic.organisation


def test_the_next_operator_ends_the_one_before_at_the_same_moment(region: Region) -> None:
    first, second = make_operator("FIRST"), make_operator("SECOND")
    earlier = operate(region.hub, first, NOW)
    operate(region.hub, second, LATER)
    earlier.refresh_from_db()
    assert earlier.until == LATER
    assert (operator_of(region.hub, LATER - BEFORE), operator_of(region.hub, LATER)) == (first, second)


def test_when_a_contract_runs_out_the_site_is_its_owners_again(region: Region) -> None:
    new = make_operator()
    operate(region.hub, new, NOW, contract=make_contract(new, until=LATER))
    assert operator_of(region.hub, LATER - BEFORE) == new
    assert operator_of(region.hub, LATER) == region.hub.organisation
    with acting(LOADER):
        end_operation(region.hub, on=NOW + timedelta(days=1), by=LOADER, at=NOW)
        assert operator_of(region.hub, NOW + timedelta(days=1)) == region.hub.organisation
        with pytest.raises(Refused, match="its own organisation already"):
            end_operation(region.hub, on=LATER, by=LOADER, at=NOW)


def test_the_spells_of_a_site_leave_no_gap(region: Region) -> None:
    first, second = make_operator("FIRST"), make_operator("SECOND")
    operate(region.hub, first, NOW, contract=make_contract(first, until=LATER))
    operate(region.hub, second, LATER + timedelta(days=1))
    own = region.hub.organisation
    assert [(one.operator, one.since, one.until) for one in spells_of([region.hub])[region.hub.pk]] == [
        (own, None, NOW),
        (first, NOW, LATER),
        (own, LATER, LATER + timedelta(days=1)),
        (second, LATER + timedelta(days=1), None),
    ]
    assert [one.operator for one in spells_of([region.clinic])[region.clinic.pk]] == [
        region.clinic.organisation
    ]


def test_what_stands_in_the_way_is_named(region: Region) -> None:
    new, other = make_operator(), make_operator("OTHER")
    operate(region.hub, new, LATER)
    with pytest.raises(Refused, match="from a later moment on"):
        operate(region.hub, other, NOW)
    supply = make_contract(other, number="S-1", kind="equipment")
    with pytest.raises(Refused, match="not about operating"):
        operate(region.clinic, other, NOW, contract=supply)
    over = make_contract(other, number="S-2", until=LONG_AGO + timedelta(days=1))
    with pytest.raises(Refused, match="not in force"):
        operate(region.clinic, other, NOW, contract=over)


def test_the_database_itself_refuses_two_operators_at_once(region: Region) -> None:
    kept = operate(region.hub, make_operator(), NOW)
    twice = Operation(
        site=region.hub, operator=kept.operator, contract=kept.contract, since=NOW + timedelta(days=1)
    )
    with acting(LOADER), pytest.raises(IntegrityError, match="operation_one_at_a_time"), transaction.atomic():
        twice.save()
    owner = data_owner_at(NOW)
    assert owner is not None
    with acting(LOADER), pytest.raises(IntegrityError, match="data_owner_one"), transaction.atomic():
        DataOwner.objects.create(organisation=region.hub.organisation, since=LATER)


def test_an_operation_runs_on_when_its_end_is_taken_back(region: Region) -> None:
    first, second = make_operator("FIRST"), make_operator("SECOND")
    earlier, later = operate(region.hub, first, NOW), operate(region.hub, second, LATER)
    with acting(LOADER):
        with pytest.raises(Refused, match="Somebody else"):
            reopen_operation(earlier, until=None, by=LOADER, at=NOW)
        later.delete()
        reopen_operation(earlier, until=None, by=LOADER, at=NOW)
        assert operator_of(region.hub, LATER) == first


def test_a_contract_is_kept_as_it_was_signed(region: Region) -> None:
    new = make_operator()
    kept = make_contract(new, document_name="contract.pdf", document=b"%PDF-1.7 signed")
    with acting(LOADER):
        assert bytes(Contract.objects.get(pk=kept.pk).document or b"") == b"%PDF-1.7 signed"
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            Contract.objects.filter(pk=kept.pk).update(document=b"another")
    ministry = Organisation.objects.get(code="TUL-MIN")
    faults: dict[str, dict[str, Any]] = {
        "number": {"number": " "},
        "contractor": {"contractor": ministry},
        "until": {"until": LONG_AGO},
        "document": {"document": bytes(8 * 1024 * 1024 + 1)},
    }
    given: dict[str, Any] = {"number": "X", "kind": "operation", "customer": ministry, "contractor": new}
    for field, change in faults.items():
        with acting(LOADER), pytest.raises(Refused) as refusal:
            keep_contract(ContractFacts(**{**given, "since": LONG_AGO, **change}), by=LOADER, at=NOW)
        assert set(refusal.value.fields) == {field}
    with pytest.raises(Refused, match="of this number already"):
        make_contract(new)


def test_the_data_change_hands_on_a_date_and_never_back_in_time(region: Region) -> None:
    heir = make_operator("HEIR")
    with acting(LOADER):
        name_data_owner(heir, since=LATER, basis="a law", by=LOADER, at=NOW)
        owners = [data_owner_at(at) for at in (LATER - BEFORE, LATER)]
        assert [one.organisation.code for one in owners if one] == ["TUL-MIN", "HEIR"]
        with pytest.raises(Refused, match="later moment already"):
            name_data_owner(region.hub.organisation, since=NOW, basis="", by=LOADER, at=NOW)


@pytest.mark.parametrize("username", ["director", "admin", "doctor", "nurse"])
def test_who_works_for_an_operator_decides_nothing_about_operators(region: Region, username: str) -> None:
    contract = make_contract(make_operator())
    person = region.people[username]
    with acting(person), pytest.raises(Forbidden):
        end_operation(region.hub, on=LATER, by=person, at=NOW)
    with acting(person), pytest.raises(Exception, match="row-level security"), transaction.atomic():
        Operation.objects.create(
            site=region.hub, operator_id=contract.contractor_id, contract_id=contract.pk, since=NOW
        )

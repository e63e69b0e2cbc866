"""Operators and contracts for tests: made by the actions that an officer of the data owner would use."""

from datetime import datetime
from typing import Any

from aliquot.foundation.context import acting
from aliquot.registers.network.actions import ContractFacts, add_organisation, keep_contract, operate_site
from aliquot.registers.network.models import Contract, Operation, Organisation, Site
from aliquot.registers.people.actions import employ_person
from aliquot.registers.people.models import Person
from tests.factories import NOW
from tests.regions import LOADER

LONG_AGO = NOW.replace(year=2019)


def make_operator(code: str = "NEW-LAB") -> Organisation:
    """An organisation that operates nothing yet."""
    with acting(LOADER):
        return add_organisation(
            code=code, name_en=f"{code} Ltd", name_ru=f"ООО {code}", oid="", by=LOADER, at=NOW
        )


def make_contract(operator: Organisation, **changes: Any) -> Contract:
    """The ministry's contract with an operator, without an end; `changes` are facts of ContractFacts."""
    facts: dict[str, Any] = {
        "number": f"C-{operator.code}",
        "kind": "operation",
        "contractor": operator,
        "since": LONG_AGO,
    }
    with acting(LOADER):
        facts["customer"] = Organisation.objects.get(code="TUL-MIN")
        return keep_contract(ContractFacts(**{**facts, **changes}), by=LOADER, at=NOW)


def operate(
    site: Site, operator: Organisation, since: datetime, *, contract: Contract | None = None
) -> Operation:
    """Let this organisation operate the site from that moment on."""
    under = contract or make_contract(operator)
    with acting(LOADER):
        return operate_site(site, under, since=since, by=LOADER, at=NOW)


def employ(username: str, organisation: Organisation, since: datetime) -> None:
    """Let this organisation employ a person too, from that moment on."""
    with acting(LOADER):
        person = Person.objects.get(username=username)
        employ_person(person, organisation, since=since, by=LOADER, at=since)

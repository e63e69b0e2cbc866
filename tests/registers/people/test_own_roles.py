"""Nobody raises themselves."""

from typing import Any

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.people.actions import assign_role
from aliquot.registers.people.models import Assignment, Person
from tests.factories import NOW
from tests.regions import Region


def test_an_administrator_gives_roles_to_others_only(region: Region) -> None:
    admin = region.people["admin"]
    with acting(admin):
        own, other = Person.objects.get(username="admin"), Person.objects.get(username="courier")
        given: dict[str, Any] = {
            "site": region.hub,
            "role": "laboratory_doctor",
            "since": NOW,
            "by": admin,
            "at": NOW,
        }
        with pytest.raises(Refused, match="to yourself"):
            assign_role(own, **given)
        assign_role(other, **given)
        assert not Assignment.objects.filter(person=own, role="laboratory_doctor").exists()

"""Contracts and changes of operators, which only officers of the data owner may touch."""

from datetime import timedelta

from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.oversight.succession.actions import plan_change
from aliquot.oversight.succession.models import OperatorChange
from aliquot.registers.people.models import Employment
from tests.regions import LOADER, Region
from tests.registers.network.operators import make_contract, make_operator


def planned(region: Region) -> OperatorChange:
    """A change of the hub's operator that waits for its approval."""
    contract = make_contract(make_operator(), document_name="c.pdf", document=b"%PDF signed")
    now = timezone.now()
    with acting(LOADER):
        return plan_change(
            [region.hub], contract, on=now + timedelta(days=9), reason="a new operator", by=LOADER, at=now
        )


def operated_at(region: Region) -> dict[tuple[str, str], object]:
    """What the addresses of operators name."""
    change = planned(region)
    with acting(LOADER):
        employed = Employment.objects.filter(person__username="nurse").earliest("id")
    return {
        ("contracts", "pk"): change.contract_id,
        ("changes", "pk"): change.pk,
        ("employers", "pk"): employed.pk,
    }

"""What a nurse and reception do with tubes, for tests of what becomes of them."""

from aliquot.flow.specimens.actions import Intake, accept_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region, one_with


def nurse_of(region: Region) -> Actor:
    return one_with(region, "nurse", region.clinic)


def accept(region: Region, *numbers: str) -> list[Intake]:
    desk = one_with(region, "receptionist")
    with acting(desk):
        return [one.kind for one in accept_specimens(numbers, site=region.hub, by=desk, at=NOW)]


def states(specimen: Specimen) -> dict[str, str]:
    return dict(specimen.tests.values_list("test__code", "state"))

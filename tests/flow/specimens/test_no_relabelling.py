"""The hub never gives a tube another label."""

import pytest

from aliquot.flow.specimens.actions import print_labels
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden
from tests.factories import NOW, make_specimen
from tests.regions import Region, one_with


def test_nobody_at_the_hub_prints_a_label(region: Region) -> None:
    tube = make_specimen(region)
    at_the_hub = [one for one in region.people.values() if region.hub.pk in one.sites]
    assert {"receptionist", "technologist", "laboratory_doctor"} <= set().union(
        *(p.roles for p in at_the_hub)
    )
    for person in at_the_hub:
        with acting(person), pytest.raises(Forbidden, match="may not print label"):
            print_labels([tube], by=person, at=NOW)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        print_labels([tube], by=nurse, at=NOW)
        assert Specimen.objects.get(pk=tube.pk).state == Specimen.State.COLLECTED

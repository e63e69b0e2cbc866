"""A zone that nobody knows would stop every result of the laboratory: it is refused when the region is loaded."""

import tomllib

import pytest

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.network.actions import load_network
from aliquot.registers.network.models import Site
from aliquot.registers.people.actions import DEMO_REGION
from tests.factories import NOW
from tests.regions import LOADER, Region


def test_an_unknown_time_zone_is_refused_by_name(region: Region) -> None:
    plan = tomllib.loads(DEMO_REGION.read_text(encoding="utf-8"))
    plan["sites"][0]["time_zone"] = "Europe/Nowhere"
    with acting(LOADER):
        with pytest.raises(Refused, match="Europe/Nowhere is no time zone"):
            load_network(plan, by=LOADER, at=NOW)
        assert not Site.objects.filter(time_zone="Europe/Nowhere").exists()

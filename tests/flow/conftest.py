"""Those who act most along the path of a specimen: of the hub, and of the first clinic."""

import pytest

from aliquot.foundation.actors import Actor
from tests.regions import Region, one_with


@pytest.fixture
def doctor(region: Region) -> Actor:
    """A laboratory doctor of the hub."""
    return one_with(region, "laboratory_doctor", region.hub)


@pytest.fixture
def technologist(region: Region) -> Actor:
    """A technologist of the hub."""
    return one_with(region, "technologist", region.hub)


@pytest.fixture
def physician(region: Region) -> Actor:
    """A physician of the first clinic."""
    return one_with(region, "physician", region.clinic)

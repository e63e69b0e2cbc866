"""Who opens the pages, signed in, and the critical value they meet."""

import pytest
from django.test import Client

from aliquot.flow.results.models import CriticalCall
from aliquot.foundation.context import acting
from tests.factories import make_accepted, make_decided
from tests.regions import Region
from tests.web import signed_in


@pytest.fixture
def doctor(region: Region) -> Client:
    """The browser of a laboratory doctor of the hub."""
    return signed_in("doctor")


@pytest.fixture
def technologist(region: Region) -> Client:
    """The browser of a technologist of the hub."""
    return signed_in("technologist")


@pytest.fixture
def call(region: Region) -> CriticalCall:
    """An open call of a critical potassium, which the rules held."""
    result = make_decided(region, make_accepted(region, "GLUS", "K"), "K", "7.8")
    with acting(region.worker):
        return CriticalCall.objects.get(result=result)

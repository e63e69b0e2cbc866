"""One region for a whole journey: what one step did, the next one finds."""

from collections.abc import Iterator

import pytest
from django.db import connections

from tests.conftest import TEST_HOME
from tests.journeys.stage import Stage, set_stage
from tests.processes import LiveRegion, copied_database
from tests.regions import Region, read_region


@pytest.fixture(scope="module")
def stage(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A region with link, worker, server, three analyzers and a browser, shared by the tests of a module."""
    template = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    home = tmp_path_factory.mktemp("journey")
    with (
        django_db_blocker.unblock(),  # type: ignore[attr-defined]
        copied_database(TEST_HOME, home, template) as live,
        set_stage(live) as made,
    ):
        yield made


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    """The sites and people of a live region; nobody acts in it until a test does."""
    return read_region()

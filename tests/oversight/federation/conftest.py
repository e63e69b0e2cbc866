"""A region that publishes, and a federation beside it."""

from collections.abc import Iterator

import pytest

from tests.conftest import TEST_HOME
from tests.oversight.federation.exported import Exported, Federation, exported, federation_beside
from tests.processes import LiveRegion


@pytest.fixture
def tula(live_region: LiveRegion) -> Iterator[Exported]:
    """A live region with an export server of its own."""
    with exported(live_region) as found:
        yield found


@pytest.fixture
def federation(tula: Exported) -> Iterator[Federation]:
    """A federation that has joined nobody yet."""
    with federation_beside(tula.live, TEST_HOME) as found:
        yield found

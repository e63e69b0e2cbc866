"""A region with reports, who receives it, and the package between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import TEST_HOME
from tests.oversight.handover.handed import Receiver, handover, make_reported, receiving
from tests.processes import LiveRegion
from tests.regions import Region, read_region


@pytest.fixture
def region(live_region: LiveRegion, monkeypatch: pytest.MonkeyPatch) -> Region:
    monkeypatch.setattr(settings, "HOME", live_region.home)
    return read_region()


@pytest.fixture
def receiver(region: Region, tmp_path: Path) -> Iterator[Receiver]:
    with receiving(TEST_HOME, tmp_path / "receiver") as found:
        yield found


@pytest.fixture
def package(region: Region, receiver: Receiver, tmp_path: Path) -> Path:
    make_reported(region, 5)
    folder = tmp_path / "package"
    handover("export", "--to", folder, "--receiver", receiver.receiver)
    return folder

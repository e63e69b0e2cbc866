"""Those who act most along the path of a specimen, and what the database is asked."""

from pathlib import Path

import pytest

from aliquot.foundation import sql_files
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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the statements kept as files, as they are sent; clear it before what is to be counted."""
    names: list[str] = []
    query = sql_files._query

    def noted(folder: Path, name: str) -> bytes:
        names.append(name)
        return query(folder, name)

    monkeypatch.setattr(sql_files, "_query", noted)
    return names

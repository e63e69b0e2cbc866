"""One real PostgreSQL for all tests, started when the first test asks for a database."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from aliquot.config.settings import _database
from aliquot.foundation.context import acting
from aliquot.foundation.postgres import connect_urls, ensure_running
from tests.processes import LiveRegion, copied_database, server_of_its_own
from tests.regions import Region, load_registers, read_region

# A decision is final at once, here and in the processes that tests start; who tests taking back says how long.
os.environ.setdefault("ALIQUOT_UNDO_SECONDS", "0")
settings.UNDO_SECONDS = float(os.environ["ALIQUOT_UNDO_SECONDS"])

# No test is timed: a busy machine may take long over an example. The same examples wherever changes are judged.
hypothesis_settings.register_profile(
    "aliquot",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis_settings.load_profile("aliquot")

ROOT = Path(__file__).parent.parent
# Of several processes side by side each has a server of its own: a transaction in one holds nothing back in another.
TEST_HOME = Path(os.environ.get("ALIQUOT_TEST_HOME", ROOT / ".aliquot" / "test")) / os.environ.get(
    "PYTEST_XDIST_WORKER", ""
)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A fresh database with schema, protection, catalogue and the demonstration region, made once."""
    name = f"test_{os.getpid()}"
    given = {key: value for key, value in os.environ.items() if not key.startswith("ALIQUOT_DATABASE")}
    environ = {**given, "ALIQUOT_DATABASE": name}
    urls = connect_urls(TEST_HOME, environ)
    for alias, url in (("default", urls.app_url), ("owner", urls.owner_url)):
        connections.settings[alias].update(_database(url))  # in place: every thread's connections go there
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        from aliquot.entrypoints.commands.migrate import Command

        call_command(Command(), verbosity=0)
        load_registers(at=timezone.now())
        connections.close_all()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections.close_all()
    drop_database(name)


def drop_database(name: str) -> None:
    """Remove a database of this run; what a killed run left is removed with it."""
    with psycopg.connect(ensure_running(TEST_HOME, detach=False).superuser_url, autocommit=True) as session:
        rows = session.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+$'").fetchall()
        for (found,) in rows:
            if found == name or not Path("/proc", found.removeprefix("test_")).exists():
                session.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(found))
                )


@pytest.fixture(autouse=True)
def language_of_the_source() -> Iterator[None]:
    """Each test begins in English, whatever language a page of the test before it was in."""
    with translation.override("en"):
        yield


@pytest.fixture
def region(db: None) -> Iterator[Region]:
    """The region's sites and prepared people; the transaction acts as the program until a test acts otherwise."""
    found = read_region()
    with acting(found.worker):
        yield found


@pytest.fixture
def live_region(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[LiveRegion]:
    """A database of its own for tests that start processes; see tests/processes.py."""
    template = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    with django_db_blocker.unblock(), copied_database(TEST_HOME, tmp_path, template) as live:  # type: ignore[attr-defined]
        yield live


@pytest.fixture
def own_server(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[LiveRegion]:
    """The same on a PostgreSQL server of its own, which the test may kill."""
    home = Path(tempfile.mkdtemp(prefix="aliquot-live-"))
    home.chmod(0o755)
    with django_db_blocker.unblock(), server_of_its_own(home) as live:  # type: ignore[attr-defined]
        yield live

"""A region with an export server of its own, for tests that publish."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connections
from django.utils import timezone

from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from aliquot.foundation.postgres import database_of, ensure_running, status, stop
from aliquot.foundation.postgres.roles import url_for
from aliquot.oversight.federation.actions import name_node
from aliquot.oversight.federation.actions.exporting import open_export, prepare_export
from aliquot.oversight.federation.actions.joining import (
    forget_region,
    invite_federation,
    join_region,
    open_invitation,
)
from aliquot.oversight.federation.actions.publishing import Published, publish_once
from aliquot.oversight.federation.models import Node
from aliquot.oversight.federation.queries import own_card
from aliquot.oversight.federation.rules.facts import FACTS, Fact
from aliquot.oversight.federation.rules.invitations import Invitation
from tests.factories import make_decided, make_fresh
from tests.processes import LiveRegion, copied_database, pointed_at, wait_for
from tests.regions import LOADER, Region, read_region

CODE = "tula"
NEIGHBOURS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname <> current_database() AND backend_xid IS NOT NULL AND backend_xid::text::bigint < mod(%s, 4294967296)
"""


@dataclass(slots=True)
class Exported:
    """A live region, its node, and the owner's address of its export."""

    live: LiveRegion
    region: Region
    node: Node
    home: Path
    url: str

    def publish(self, *, limit: int = 1000, rounds: int = 20) -> list[Published]:
        """Publish until nothing is left; what each round did."""
        done = []
        for _round in range(rounds):
            self._wait_for_neighbours()
            with acting(self.region.worker):
                done.append(publish_once(self.node, limit=limit, by=self.region.worker, at=timezone.now()))
            if not done[-1].has_more:
                return done
        raise AssertionError(f"not published in {rounds} rounds: {done[-1]}")

    def _wait_for_neighbours(self) -> None:
        """Until all has ended that began before in other databases of this server: it holds the mark back."""
        [(number,)] = self.live.look("SELECT pg_current_xact_id()::text::bigint")
        wait_for(lambda: self.live.look(NEIGHBOURS, number) == [(0,)], "no older transaction beside")

    def facts(self, query: str) -> list[tuple[Any, ...]]:
        """What the export holds."""
        with psycopg.connect(self.url, autocommit=True) as session:
            return session.execute(query.encode()).fetchall()

    def measure(self, code: str = "K", value: str = "4.1") -> Result:
        """A result of this hour, decided by the rules."""
        with acting(self.region.worker):
            tube = make_fresh(self.region, code)
            return make_decided(
                self.region,
                tube,
                code,
                value,
                measured_at=timezone.now(),
                at=timezone.now(),
                decided_at=timezone.now(),
            )


@contextmanager
def exported(live: LiveRegion) -> Iterator[Exported]:
    """The region under a name, with an export server in a home of its own, removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="aliquot-export-"))
    home.chmod(0o755)
    before, settings.HOME = settings.HOME, home
    try:
        with acting(LOADER):
            node = name_node(
                CODE, kind="region", name_en="Tula", name_ru="Тула", home=home, by=LOADER, at=timezone.now()
            )
        url = open_export(detach=True)
        prepare_export(node, by=LOADER)
        yield Exported(live, read_region(), node, home, url)
    finally:
        settings.HOME = before
        connections["export"].close()
        remove_server(home / "export")
        shutil.rmtree(home, ignore_errors=True)


def remove_server(home: Path) -> None:
    """Stop the server of a home as a crash would, and remove its data wherever they lie."""
    if home.is_dir():
        stop(home, "immediate")
        data = status(home).data
        shutil.rmtree(data if data.parent == home else data.parent, ignore_errors=True)


@dataclass(slots=True)
class Federation:
    """The federation's own database, and how its administrator enters it."""

    live: LiveRegion
    home: Path
    administrator: str

    def invited_by(self, tula: Exported) -> Invitation:
        """What two people do first: a card by file, an invitation sealed to it."""
        with pointed_at(self.live), acting(LOADER):
            card = own_card(at=timezone.now())
        given: dict[str, Any] = {"export": tula.url, "home": tula.home, "by": LOADER, "at": timezone.now()}
        with pointed_at(tula.live), acting(LOADER):
            sealed = invite_federation(card, address=host_and_port(tula.url), **given)
        with pointed_at(self.live), acting(LOADER):
            return open_invitation(sealed, home=self.home)

    def join_by(self, invitation: Invitation, facts: tuple[Fact, ...] = FACTS) -> int:
        """Subscribe; the version that flows."""
        with pointed_at(self.live), acting(LOADER):
            return join_region(
                invitation, administrator=self.administrator, by=LOADER, at=timezone.now(), facts=facts
            )

    def join(self, tula: Exported, facts: tuple[Fact, ...] = FACTS) -> int:
        """Both."""
        return self.join_by(self.invited_by(tula), facts)

    def look(self, query: str) -> list[tuple[Any, ...]]:
        """What the federation holds."""
        with psycopg.connect(self.administrator, autocommit=True) as session:
            return session.execute(query.encode()).fetchall()

    def wait_for_all_of(self, tula: Exported, table: str = "result_fact") -> None:
        """Until both sides say the same."""
        asked = f"SELECT * FROM facts_{CODE}.{table} ORDER BY 2"
        wait_for(lambda: self.look(asked) == tula.facts(asked), f"{table} is the same on both sides")


@contextmanager
def federation_beside(live: LiveRegion, server_home: Path) -> Iterator[Federation]:
    """A federation with a database of its own on the server of the tests; it has nothing of the region."""
    home = Path(tempfile.mkdtemp(prefix="aliquot-federation-"))
    template = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    with copied_database(server_home, home, template) as own:
        server = ensure_running(server_home)
        administrator = url_for(server.superuser_url, None, None, database_of(own.owner_url))
        for table in ("node_key", "node"):  # the copy is the federation's, not the region's
            own.look(f"DELETE FROM {table}")
        with acting(LOADER):
            name_node(
                "fed",
                kind="federation",
                name_en="Federation",
                name_ru="Федерация",
                home=home,
                by=LOADER,
                at=timezone.now(),
            )
        try:
            with pointed_at(live):
                yield Federation(own, home, administrator)
        finally:
            connections.close_all()
            with psycopg.connect(administrator, autocommit=True) as admin:
                forget_region(CODE, admin)
            shutil.rmtree(home)


def host_and_port(url: str) -> tuple[str, int]:
    """Where a server is reached."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port

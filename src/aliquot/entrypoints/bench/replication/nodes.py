"""A region and a federation for one measurement, joined by the program's own commands."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import MAIN
from aliquot.foundation.postgres import connect_urls, ensure_running
from aliquot.foundation.postgres.passwords import password_of

CODE = "bench"
FINGERPRINT = re.compile(r"fingerprint ((?:[0-9a-f]{4} ){7}[0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Node:
    """Where a node lies and what its commands need to find it."""

    home: Path
    environ: dict[str, str]

    def said(self, *words: str) -> str:
        """What `aliquot <words>` prints at this node. Raises MeasurementError when it fails."""
        call = [sys.executable, "-c", MAIN, *words]
        done = subprocess.run(  # noqa: S603 - our own program
            call, env={**os.environ, **self.environ}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise MeasurementError(f"aliquot {' '.join(words[:2])}: {done.stderr.strip()[-400:]}")
        return done.stdout

    def fingerprint(self) -> str:
        """Of this node's card, as its owner says it aloud."""
        found = FINGERPRINT.search(self.said("node", "key"))
        assert found
        return found[1]


def make_region(home: Path) -> Node:
    """The region whose database is that of the environment; its keys and its export lie in `home`."""
    region = Node(home, {"ALIQUOT_HOME": str(home)})
    region.said("node", "name", CODE, "--en", "Bench", "--ru", "Стенд")
    return region


def make_federation(home: Path) -> Node:
    """A federation with a server of its own in `home`."""
    urls = connect_urls(home, {}, detach=True)
    addresses = {"ALIQUOT_OWNER_URL": urls.owner_url, "ALIQUOT_APP_URL": urls.app_url}
    federation = Node(home, {"ALIQUOT_HOME": str(home), "ALIQUOT_NODE": "federation", **addresses})
    federation.said("migrate", "--skip-checks")
    federation.said("node", "name", "federal", "--en", "Federation", "--ru", "Федерация")
    return federation


def join(region: Node, federation: Node) -> None:
    """What two people do."""
    card, invitation = str(federation.home / "card.json"), str(region.home / "invitation")
    federation.said("node", "card", "--to", card)
    invite = ("node", "invite", card, "--to", invitation, "--fingerprint", federation.fingerprint())
    region.said(*invite, "--address", "127.0.0.1:1")  # makes the export; its port is known then
    port = ensure_running(region.home / "export").port
    region.said(*invite, "--address", f"127.0.0.1:{port}")
    federation.said("node", "join", invitation, "--fingerprint", region.fingerprint())


def superuser_url(home: Path, database: str) -> str:
    """Where the superuser of this home's server enters a database."""
    return ensure_running(home).url(database, "postgres", password_of(home, "postgres_superuser"))

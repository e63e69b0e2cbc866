"""A region joins by the commands that two people type, on servers of their own; the federation falls and catches up."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.foundation.postgres import ensure_running, stop
from tests.factories import make_decided, make_fresh
from tests.oversight.federation.exported import remove_server
from tests.processes import MAIN, LiveRegion, pointed_at, wait_for
from tests.regions import read_region

pytestmark = pytest.mark.journey
COUNTED = "SELECT count(*) FROM facts.result_fact WHERE node = 'tula' AND state = 'released'"
Typed = Callable[..., str]


@pytest.fixture
def region_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="aliquot-tula-"))
    home.chmod(0o755)
    yield home
    remove_server(home / "export")
    shutil.rmtree(home)


def typist(node: LiveRegion, **environ: str) -> Typed:
    """Who types `aliquot ...` at a node; what was printed, or the refusal with `refused=True`."""

    def typed(*words: object, refused: bool = False) -> str:
        said = subprocess.run(
            [sys.executable, "-c", MAIN, *map(str, words)],
            env={**os.environ, **node.environ, **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert bool(said.returncode) is refused, said.stderr
        return said.stderr if refused else said.stdout

    return typed


def fingerprint_in(text: str) -> str:
    found = re.search(r'fingerprint "?((?:[0-9a-f]{4} ){7}[0-9a-f]{4})', text)
    assert found, text
    return found[1]


def test_two_people_join_a_region(
    live_region: LiveRegion, own_server: LiveRegion, region_home: Path, tmp_path: Path
) -> None:
    federation = typist(own_server, ALIQUOT_NODE="federation")
    tula = typist(live_region, ALIQUOT_HOME=str(region_home))
    card, invitation = tmp_path / "federation.json", tmp_path / "tula.invitation"

    assert "no name yet" in tula("publish", refused=True)
    federation("node", "name", "federal", "--en", "Federal centre", "--ru", "Федеральный центр")
    aloud = fingerprint_in(federation("node", "card", "--to", card))
    tula("node", "name", "tula", "--en", "Tula Region", "--ru", "Тульская область")
    invite = ["node", "invite", card, "--to", invitation]
    assert "no address" in tula(*invite, "--fingerprint", aloud, "--address", "here", refused=True)
    here = ["--address", "127.0.0.1:1"]
    assert aloud in tula(*invite, *here, "--fingerprint", "0000", refused=True)
    assert not invitation.exists()

    tula(*invite, *here, "--fingerprint", aloud)
    port = (region_home / "export" / "postgres.port").read_text().strip()
    assert "does not answer" in federation(
        "node", "join", invitation, "--fingerprint", fingerprint_in(tula("node", "key")), refused=True
    )
    aloud_back = fingerprint_in(tula(*invite, "--address", f"127.0.0.1:{port}", "--fingerprint", aloud))
    live_region.start("publish", ALIQUOT_HOME=str(region_home))
    assert "is joined" in federation("node", "join", invitation, "--fingerprint", aloud_back)
    assert "tula" in federation("node", "show")

    _measure(live_region, "K", "4.1")
    wait_for(lambda: own_server.look(COUNTED) == [(1,)], "the result is in the federation", 60)

    stop(own_server.home, "immediate")
    _measure(live_region, "GLUS", "5.0")
    ensure_running(own_server.home)
    wait_for(lambda: own_server.look(COUNTED) == [(2,)], "what was missed has come", 90)


def _measure(live: LiveRegion, code: str, value: str) -> None:
    with pointed_at(live):
        region, now = read_region(), timezone.now()
        with acting(region.worker):
            tube = make_fresh(region, code)
            made = make_decided(region, tube, code, value, measured_at=now, at=now, decided_at=now)
        assert made.state == "released"

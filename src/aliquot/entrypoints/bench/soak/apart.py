"""The command's part: a PostgreSQL server of its own in a folder of its own, removed afterwards."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aliquot.entrypoints.bench.soak.soak import Soak, Wanted
from aliquot.foundation.postgres import connect_urls, status, stop

RUN = (
    "import django, sys; django.setup(); "
    "from aliquot.entrypoints.bench.soak.apart import run_here; run_here(sys.argv[1])"
)


def run_apart(wanted: dict[str, Any], *, keep: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Play a soak in a process whose environment names a new server; its account."""
    home = Path(tempfile.mkdtemp(prefix="aliquot-soak-"))
    home.chmod(0o755)  # the server runs as another user
    try:
        urls = connect_urls(home, {}, detach=True)
        environ = {
            **os.environ,
            "ALIQUOT_HOME": str(home),
            "ALIQUOT_OWNER_URL": urls.owner_url,
            "ALIQUOT_APP_URL": urls.app_url,
            "ALIQUOT_LOG": os.environ.get("ALIQUOT_LOG", "CRITICAL"),  # it is told of every kill
        }
        call = [sys.executable, "-c", RUN, json.dumps(wanted)]
        ended = subprocess.run(call, env=environ, check=False, stdout=subprocess.PIPE)  # noqa: S603 - our own program
        account: dict[str, Any] = (
            json.loads(ended.stdout)
            if ended.returncode == 0
            else {"differences": ["the soak did not come to its end"]}
        )
    finally:
        if keep:
            say(f"kept: {home}")
        else:
            _remove(home)
    return account


def run_here(text: str) -> None:
    """Play the soak in the database of this environment; its account goes to standard output."""
    found = Soak(Wanted(**json.loads(text)), lambda words: print(words, file=sys.stderr, flush=True)).run()  # noqa: T201 - the process is the command's own
    json.dump(found, sys.stdout)


def _remove(home: Path) -> None:
    stop(home, "immediate")
    data = status(home).data
    shutil.rmtree(data if data.parent == home else data.parent, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)

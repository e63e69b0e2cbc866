"""The embedded server by hand: python -m aliquot.foundation.postgres start|stop|status."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from aliquot.foundation.postgres import PostgresUnavailable, ensure_running, status, stop
from aliquot.foundation.postgres.binaries import find_installation


def main() -> None:
    """Do the one word on the command line with the server of `ALIQUOT_HOME`, and print how it stands then."""
    parser = ArgumentParser(prog="python -m aliquot.foundation.postgres", description=__doc__)
    parser.add_argument("what", choices=["start", "stop", "status"])
    what = parser.parse_args().what
    home = Path(os.environ.get("ALIQUOT_HOME", ".aliquot"))
    try:
        if what == "start":
            ensure_running(home)
        elif what == "stop":
            stop(home)
        sys.stdout.write(_lines(home))
    except PostgresUnavailable as fault:
        raise SystemExit(str(fault)) from fault


def _lines(home: Path) -> str:
    now = status(home)
    programs = find_installation(os.environ.get("ALIQUOT_POSTGRES"), now.version).folder
    facts = {
        "server": f"runs on 127.0.0.1:{now.port} as {now.account}, process {now.pid}"
        if now.running
        else "is stopped",
        "data": f"{now.data} (PostgreSQL {now.version})" if now.version else f"{now.data} (none yet)",
        "log": now.log,
        "programs": programs,
        "password": f"of the superuser postgres: {home.resolve() / 'secrets' / 'postgres_superuser'}",
    }
    return "".join(f"{name:<9} {fact}\n" for name, fact in facts.items())


if __name__ == "__main__":
    main()

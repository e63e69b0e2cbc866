"""The schema as PostgreSQL's own program writes it, in a form that 15 and newer read."""

import os
import re
import subprocess
from pathlib import Path

from django.db import connections
from django.utils.translation import gettext as _

from aliquot.foundation.errors import Refused
from aliquot.foundation.postgres.binaries import find_installation
from aliquot.foundation.postgres.errors import PostgresUnavailable

OWNER_ROLE = "aliquot_region_owner"
"""Stands for the owner of the tables, who is called differently at every place."""
# words of psql alone, and settings that an older server does not know
_UNKNOWN = re.compile(r"^(\\(un)?restrict .*|SET transaction_timeout = .*)\n", re.MULTILINE)


def dump_schema(section: str, *, snapshot: str, version: int) -> bytes:
    """The statements that make the tables (`pre-data`), or what stands on full ones (`post-data`)."""
    program = _program(version)
    settings = connections["owner"].settings_dict
    environ = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
        **{f"PG{name.upper()}": str(value) for name, value in settings["OPTIONS"].items() if name != "pool"},
    }
    command = [
        str(program), f"--section={section}", f"--snapshot={snapshot}", "--no-owner", "--no-comments",
        "--no-publications", "--no-subscriptions",
    ]  # fmt: skip
    ran = subprocess.run(command, env=environ, capture_output=True, check=False)  # noqa: S603 - a program of PostgreSQL
    if ran.returncode:
        words = _("The tables cannot be described: %(fault)s.")
        raise Refused(words % {"fault": ran.stderr.decode(errors="replace").strip()[-400:]})
    text = _UNKNOWN.sub("", ran.stdout.decode())
    return re.sub(rf"\b{re.escape(settings['USER'])}\b", OWNER_ROLE, text).encode()


def _program(version: int) -> Path:
    """pg_dump of the server's version or newer."""
    try:
        found = find_installation(os.environ.get("ALIQUOT_POSTGRES"), None)
    except PostgresUnavailable as fault:
        raise Refused(str(fault)) from fault
    program = found.folder / "pg_dump"
    if found.version < version // 10000 or not program.exists():
        words = _("A pg_dump of PostgreSQL %(version)s or newer is needed here: install it.")
        raise Refused(words % {"version": version // 10000})
    return program

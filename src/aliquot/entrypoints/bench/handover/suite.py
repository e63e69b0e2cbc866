"""Export, verify, restore and an increment, each timed; PostgreSQL's own programs do the same beside them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import psycopg

from aliquot.entrypoints.bench.ground import Ground
from aliquot.entrypoints.bench.history import add_history
from aliquot.entrypoints.bench.machine import fsyncs_per_second, load_average, machine_facts
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import run_command
from aliquot.entrypoints.bench.session import Session
from aliquot.foundation.postgres import DatabaseUrls, connect_urls, ensure_running
from aliquot.foundation.postgres.binaries import find_installation
from aliquot.foundation.seals import make_seal_key, public_half, receiver_of, signing_key_of

SCHEMA = 1
JOBS = 2
"""Readers and writers of pg_dump and pg_restore: as many as the package has."""
CHANGED = 2000
"""Patients whose name changes before the increment is written."""


@dataclass(frozen=True, slots=True)
class HandoverWanted:
    """How many released results of past years, with all that belongs to them."""

    results: int = 1_000_000
    years: float = 1.0


class HandoverSuite:
    """One database's measurement; `say` tells a person what goes on."""

    def __init__(self, wanted: HandoverWanted, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._session = Session(os.environ["ALIQUOT_OWNER_URL"])
        self._home = Path(os.environ["ALIQUOT_HOME"])
        self._key = make_seal_key()

    def measure(self) -> dict[str, Any]:
        """The figures: seconds, rows a second and bytes of each way, and how many times longer ours takes."""
        facts = machine_facts(self._session, self._home)
        laboratory = Ground(self._session, self._say).prepare(10, self._wanted.results)
        self._say(f"{self._wanted.results} results of past years ...")
        _patients, history = add_history(
            self._session, laboratory, self._wanted.results, years=self._wanted.years
        )
        with TemporaryDirectory(dir=self._home, prefix="handover-") as folder:
            found = self._ways(Path(folder))
        return {
            "schema": SCHEMA,
            "measured_at": datetime.now(UTC).isoformat(),
            "machine": {**facts, "fsyncs_per_second_after": fsyncs_per_second(self._home)},
            "history": history,
            **found,
        }

    def _ways(self, folder: Path) -> dict[str, Any]:
        rows = self._rows()
        dumped = self._timed("pg_dump", lambda: self._dump(folder / "dump"))
        exported = self._timed("export", lambda: self._export(folder / "package"))
        restored = self._timed("pg_restore", lambda: self._restore_dump(folder / "dump"))
        verified = self._timed("verify", lambda: self._handover("verify", str(folder / "package")))
        returned, proven, increment = self._receive(folder)
        return {
            "rows": rows,
            "plain": {"export": _rate(rows, dumped), "restore": _rate(rows, restored)},
            "package": {
                "export": _rate(rows, exported),
                "verify": _rate(rows, verified),
                "restore": _rate(rows, returned),
                "prove": _rate(rows, proven),
                "bytes": _size(folder / "package"),
            },
            "increment": increment,
            "times_as_long": {
                "export": round(exported["seconds"] / dumped["seconds"], 2),
                "restore": round(returned["seconds"] / restored["seconds"], 2),
                "both": round(
                    (exported["seconds"] + returned["seconds"]) / (dumped["seconds"] + restored["seconds"]), 2
                ),
            },
        }

    def _timed(self, name: str, work: Callable[[], None]) -> dict[str, Any]:
        self._say(f"{name} ...")
        load, began = load_average()[0], perf_counter()
        work()
        return {"seconds": round(perf_counter() - began, 2), "load_before": load}

    def _rows(self) -> int:
        """Rows in all tables, each month counted once."""
        names = self._session.text(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname IN ('public', 'months')"
        )
        return sum(int(self._session.value(f"SELECT count(*) FROM {name}")) for (name,) in names)  # noqa: S608 - our own tables' names

    def _dump(self, folder: Path) -> None:
        self._postgres("pg_dump", os.environ["ALIQUOT_OWNER_URL"], "-Fd", "-j", str(JOBS), "-f", str(folder))

    def _restore_dump(self, folder: Path) -> None:
        with self._place("plain") as place:
            self._postgres(
                "pg_restore", place.urls.owner_url, "-d", place.name, "-j", str(JOBS), "--no-owner",
                "--no-privileges", "--exit-on-error", str(folder),
            )  # fmt: skip

    def _export(self, folder: Path, *further: str) -> None:
        run_command("handover", "export", "--to", str(folder), "--receiver", receiver_of(self._key), *further)

    def _handover(self, what: str, *packages: str, **environ: str) -> None:
        file = self._home / "secrets" / "bench_handover"
        file.parent.mkdir(exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(self._key)
        signer = public_half(signing_key_of(self._home))
        try:
            run_command("handover", what, *packages, "--signer", signer, "--key", str(file), **environ)
        finally:
            file.unlink()

    def _receive(self, folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Restore and proof of the package, then an increment; at a place of its own."""
        package, later = str(folder / "package"), folder / "increment"
        with self._place("taken") as place:
            returned = self._timed("restore", lambda: self._handover("restore", package, **place.environ))
            proven = self._timed("prove", lambda: self._handover("prove", package, **place.environ))
            self._session.text(
                "UPDATE patient SET given_name = 'X'"
                " WHERE id IN (SELECT id FROM patient ORDER BY id LIMIT %s)",
                [CHANGED],
            )
            written = self._timed("increment", lambda: self._export(later, "--after", package))
            added = self._timed("its restore", lambda: self._handover("restore", str(later), **place.environ))
        return returned, proven, {"changed_rows": CHANGED, "export": written, "restore": added}

    def _place(self, name: str) -> "Place":
        return Place(self._home, f"{os.environ['ALIQUOT_DATABASE']}_{name}")

    def _postgres(self, program: str, url: str, *words: str) -> None:
        """Run a program of PostgreSQL on this database; MeasurementError with its words when it fails."""
        parts = urlsplit(url)
        environ = {
            "PATH": "/usr/bin:/bin",
            "PGHOST": str(parts.hostname),
            "PGPORT": str(parts.port),
            "PGUSER": unquote(parts.username or ""),
            "PGPASSWORD": unquote(parts.password or ""),
            "PGDATABASE": parts.path.lstrip("/"),
        }
        found = find_installation(os.environ.get("ALIQUOT_POSTGRES"), None).folder / program
        ran = subprocess.run([str(found), *words], env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - a program of PostgreSQL
        if ran.returncode:
            raise MeasurementError(f"{program}: {ran.stderr.strip()[-400:]}")


class Place:
    """An empty database beside the measured one, with roles and a home of its own; removed at the end."""

    def __init__(self, home: Path, name: str) -> None:
        self.name, self._server_home = name, home
        self._home = home / name
        given = {key: value for key, value in os.environ.items() if key != "ALIQUOT_DATABASE"}
        self.urls: DatabaseUrls = connect_urls(home, {**given, "ALIQUOT_DATABASE": name})

    @property
    def environ(self) -> dict[str, str]:
        """What a command needs to work here."""
        return {
            "ALIQUOT_HOME": str(self._home),
            "ALIQUOT_OWNER_URL": self.urls.owner_url,
            "ALIQUOT_APP_URL": self.urls.app_url,
        }

    def __enter__(self) -> Self:
        self._home.mkdir(exist_ok=True)
        return self

    def __exit__(self, *_failure: object) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
        with psycopg.connect(ensure_running(self._server_home).superuser_url, autocommit=True) as session:
            session.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)'.encode())
            for role in (f"{self.name}_service", f"{self.name}_owner"):
                session.execute(f'DROP ROLE IF EXISTS "{role}"'.encode())
                (self._server_home / "secrets" / role).unlink(missing_ok=True)


def _rate(rows: int, timed: dict[str, Any]) -> dict[str, Any]:
    return {**timed, "rows_per_second": round(rows / timed["seconds"])}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

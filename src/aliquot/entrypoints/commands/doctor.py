"""Say what is wrong with this installation and how to mend it; count what it holds."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from aliquot.foundation import sql_files
from aliquot.foundation.audit.queries import broken_blocks

SQL = Path(__file__).parent / "sql"
OLDEST_VERSION = 150000
LATE_SECONDS = 60
LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the remedy."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Counts:
    specimens: int
    results_received: int
    results_released: int
    results_held: int
    reports_released: int
    messages_quarantined: int


@dataclass(frozen=True, slots=True)
class Health:
    version: int
    role_is_too_strong: bool
    unprotected: list[str] | None
    oldest_message_seconds: float | None
    oldest_result_seconds: float | None
    overdue_calls: int
    analyzers: int
    tests: int


class Command(BaseCommand):
    """`aliquot doctor [--json] [--deep]`; ends with 1 when something is wrong."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--deep", action="store_true", help="verify the whole audit as well")

    def handle(self, *_: Any, **options: Any) -> None:
        findings = list(_findings(deep=options["deep"]))
        counts = None if any(f.what.startswith("database") for f in findings) else _counts()
        if options["json"]:
            shown = {
                "healthy": not findings,
                "findings": [asdict(f) for f in findings],
                "counts": asdict(counts) if counts else None,
            }
            self.stdout.write(json.dumps(shown))
        else:
            self._tell(findings, counts)
        if findings:
            raise CommandError(f"{len(findings)} to mend", returncode=1)

    def _tell(self, findings: list[Finding], counts: Counts | None) -> None:
        for finding in findings:
            self.stdout.write(f"! {finding.what}\n  mend: {finding.remedy}")
        if not findings:
            self.stdout.write("Nothing is wrong.")
        for name, number in (asdict(counts) if counts else {}).items():
            self.stdout.write(f"{number:>10}  {name.replace('_', ' ')}")


def _counts() -> Counts:
    return sql_files.fetch(Counts, SQL, "counts", using="owner")[0]


def _findings(*, deep: bool) -> Iterator[Finding]:
    yield from _of_the_machine()
    try:
        pending = _pending_migrations()
    except DatabaseError as fault:
        yield Finding(f"database: {str(fault).strip()}", "start it, or correct ALIQUOT_DATABASE_URL")
        return
    if pending:
        yield Finding(f"database: {pending} migrations are not applied", "run: aliquot migrate")
        return
    yield from _of_the_database()
    if deep:
        for block in broken_blocks(limit=10):
            yield Finding(
                f"audit block {block.id} ({block.table_name}): {block.fault}", "run: aliquot audit verify"
            )


def _of_the_machine() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.HOME.parent).free
    if free < LEAST_FREE_BYTES:
        yield Finding(
            f"only {free // 1024**2} MB of disk are free", f"make room on the disk of {settings.HOME.name}"
        )
    for folder in settings.LOCALE_PATHS:
        for po in folder.glob("*/LC_MESSAGES/*.po"):
            if not po.with_suffix(".mo").exists():
                yield Finding(
                    f"no compiled translation beside {po.relative_to(settings.PACKAGE)}", "run: make setup"
                )


def _pending_migrations() -> int:
    executor = MigrationExecutor(connections["owner"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _of_the_database() -> Iterator[Finding]:
    role = settings.DATABASES["default"]["USER"]
    health = sql_files.fetch(Health, SQL, "health", using="owner", role=role)[0]
    if health.version < OLDEST_VERSION:
        yield Finding(f"PostgreSQL {health.version // 10000} is too old", "use PostgreSQL 15 or newer")
    if health.role_is_too_strong:
        yield Finding(f"the role {role} bypasses row security", f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS")
    if health.unprotected:
        yield Finding(f"no row security on {', '.join(health.unprotected)}", "run: aliquot migrate")
    if not health.tests:
        yield Finding("the catalogue is empty", "run: aliquot demo, or load a catalogue in Setup")
    if (health.oldest_message_seconds or 0) > LATE_SECONDS or (
        health.oldest_result_seconds or 0
    ) > LATE_SECONDS:
        yield Finding("analyzer messages wait longer than a minute", "see that `aliquot work` runs")
    if health.overdue_calls:
        yield Finding(
            f"{health.overdue_calls} critical values are overdue",
            "call the physicians: Bench, Critical values",
        )

"""The findings on an installation, in words and with the remedy: for `aliquot doctor` and for Setup."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliquot.foundation import sql_files
from aliquot.foundation.audit.queries import broken_blocks
from aliquot.foundation.months.models import ArchivedMonth
from aliquot.foundation.months.queries import months_ahead, strays
from aliquot.foundation.postgres import PostgresUnavailable, has_export
from aliquot.oversight.federation.actions.exporting import open_export
from aliquot.oversight.federation.models import Node
from aliquot.oversight.federation.queries.replication import in_words, remarks

SQL = Path(__file__).parent / "sql"
OLDEST_VERSION = 150000
LATE_SECONDS = 60
LEAST_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and the remedy; `is_database`: nothing else can be said before."""

    what: str
    remedy: str
    is_database: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """What the database server says of itself, of the application's role and of work that waits."""

    version: int
    role_is_too_strong: bool
    unprotected: list[str] | None
    oldest_message_seconds: float | None
    oldest_result_seconds: float | None
    overdue_calls: int
    failing_events: int
    latest_fault: str | None
    analyzers: int
    tests: int

    @property
    def version_text(self) -> str:
        """The server's version as a person says it: 18.1."""
        return f"{self.version // 10000}.{self.version % 10000}"


def findings(*, deep: bool = False) -> Iterator[Finding]:
    """All that is wrong; nothing means healthy. `deep` verifies the whole audit and every kept content."""
    yield from _of_the_machine()
    try:
        pending = _pending_migrations()
    except DatabaseError as fault:
        yield Finding(
            f"database: {str(fault).strip()}",
            _("start it, or correct ALIQUOT_DATABASE_URL"),
            is_database=True,
        )
        return
    if pending:
        words = ngettext(
            "database: %(count)d migration is not applied",
            "database: %(count)d migrations are not applied",
            pending,
        )
        yield Finding(words % {"count": pending}, _("run: aliquot migrate"), is_database=True)
        return
    yield from _of_the_database()
    yield from of_the_months()
    yield from of_the_federation()
    if deep:
        yield from of_the_audit()
        yield from of_the_contents()
        yield from of_the_computed()


def of_the_audit(*, limit: int = 10) -> Iterator[Finding]:
    """Every block of the audit that is not what it was, at most `limit`."""
    for block in broken_blocks(limit=limit):
        words = _("audit block %(id)d (%(table)s): %(fault)s")
        values = {"id": block.id, "table": block.table_name, "fault": block.fault}
        yield Finding(words % values, _("run: aliquot audit verify"))


def of_the_months() -> Iterator[Finding]:
    """Rows that stand in no month, months that are not made ahead, and an archiving that was cut off."""
    for one in strays():
        words = _("%(count)d rows of %(table)s stand in no month")
        values = {"count": one.rows, "table": one.table_name}
        yield Finding(words % values, _("run: aliquot migrate; it gives them their month"))
    if not months_ahead():
        remedy = _("see that `aliquot work` runs, or run: aliquot migrate")
        yield Finding(_("next month has no tables yet"), remedy)
    for away in ArchivedMonth.objects.using("owner").filter(state=ArchivedMonth.State.DETACHED):
        words = _("putting away %(month)s was cut off") % {"month": away.month}
        yield Finding(words, _("run `aliquot archive` again with the same month and folder: it goes on"))


def of_the_federation() -> Iterator[Finding]:
    """What keeps facts from flowing, on either side; nothing where none was invited or joined."""
    node = Node.objects.using("owner").filter(is_self=True).first()
    if node is None or (node.kind == Node.Kind.REGION and not has_export(settings.HOME, os.environ)):
        return
    try:
        if node.kind == Node.Kind.REGION:
            open_export()
        for remark in remarks(node, timezone.now()):
            yield Finding(*in_words(remark))
    except (PostgresUnavailable, DatabaseError, psycopg.Error) as fault:
        words = _("the export of this region does not answer: %(fault)s") % {"fault": str(fault).strip()}
        yield Finding(words, _("see that its server runs; aliquot publish starts it"))


def of_the_contents(*, limit: int = 10) -> Iterator[Finding]:
    """Every message, report and document whose bytes are not what its digest says, at most `limit`."""
    for kind, number in sql_files.fetch_rows(SQL, "altered_contents", using="owner", limit=limit):
        words = _("the content of %(kind)s %(id)d was altered after it was kept")
        remedy = _("take it from a backup, and find out who may write as the owner of the database")
        yield Finding(words % {"kind": kind, "id": number}, remedy)


def of_the_computed(*, limit: int = 10) -> Iterator[Finding]:
    """Every computed value that does not follow its inputs, at most `limit`."""
    for number, order in sql_files.fetch_rows(SQL, "stale_values", using="owner", limit=limit):
        words = _("the computed result %(id)d of order %(order)s does not follow its inputs")
        remedy = _("withdraw it, and find out who may write as the owner of the database")
        yield Finding(words % {"id": number, "order": order}, remedy)


def health() -> Health:
    """The figures behind the findings."""
    role = settings.DATABASES["default"]["USER"]
    return sql_files.fetch(Health, SQL, "health", using="owner", role=role)[0]


def _of_the_machine() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.HOME.parent).free
    if free < LEAST_FREE_BYTES:
        yield Finding(
            _("only %(free)d MB of disk are free") % {"free": free // 1024**2},
            _("make room on the disk of %(home)s") % {"home": settings.HOME.name},
        )
    for folder in settings.LOCALE_PATHS:
        for po in folder.glob("*/LC_MESSAGES/*.po"):
            if not po.with_suffix(".mo").exists():
                words = _("no compiled translation beside %(file)s")
                yield Finding(words % {"file": po.relative_to(settings.PACKAGE)}, _("run: make setup"))


def _pending_migrations() -> int:
    executor = MigrationExecutor(connections["owner"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _of_the_database() -> Iterator[Finding]:
    found, role = health(), settings.DATABASES["default"]["USER"]
    if found.version < OLDEST_VERSION:
        words = _("PostgreSQL %(version)d is too old") % {"version": found.version // 10000}
        yield Finding(words, _("use PostgreSQL 15 or newer"))
    if found.role_is_too_strong:
        words = _("the role %(role)s bypasses row security") % {"role": role}
        yield Finding(words, f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS")
    if found.unprotected:
        words = _("no row security on %(tables)s") % {"tables": ", ".join(found.unprotected)}
        yield Finding(words, _("run: aliquot migrate"))
    if not found.tests:
        yield Finding(_("the catalogue is empty"), _("run: aliquot demo, or load a catalogue"))
    if max(found.oldest_message_seconds or 0, found.oldest_result_seconds or 0) > LATE_SECONDS:
        yield Finding(_("analyzer messages wait longer than a minute"), _("see that `aliquot work` runs"))
    if found.failing_events:
        words = ngettext(
            "%(count)d reaction fails and is tried again: %(fault)s",
            "%(count)d reactions fail and are tried again: %(fault)s",
            found.failing_events,
        )
        values = {"count": found.failing_events, "fault": found.latest_fault}
        yield Finding(words % values, _("mend what the fault names; it is then done by itself"))
    if found.overdue_calls:
        words = ngettext(
            "%(count)d critical value is overdue",
            "%(count)d critical values are overdue",
            found.overdue_calls,
        )
        yield Finding(
            words % {"count": found.overdue_calls}, _("call the physicians: Bench, Critical values")
        )

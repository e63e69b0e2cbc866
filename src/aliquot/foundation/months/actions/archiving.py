"""Put a month away: written, read back and taken out in one transaction, then removed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected, LockNotAvailable

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import owning
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.actions.packing import digest_of, write_file
from aliquot.foundation.months.models import ArchivedChain, ArchivedMonth
from aliquot.foundation.months.queries import (
    Span,
    columns_of,
    faults_of_chain,
    parts_of,
    schema_version,
    span_of,
)

SQL = Path(__file__).parent.parent / "sql"
TRIES = 12
"""Times five seconds to find a moment in which nobody uses the tables."""
Unfinished = Callable[[Span], Sequence[str]]


def archive_month(
    name: str, folder: Path, *, unfinished: Sequence[Unfinished] = (), by: Actor, at: datetime
) -> ArchivedMonth:
    """The record of the month `name` (2025-03, or `first`), which is then in a file of `folder` alone.

    Refused, with the remedy, when it is younger than the look-backs need, when something in it is not
    finished (each of `unfinished` says what), when its audit is broken, or when somebody uses it. Whoever is
    killed leaves the month as it was, or a complete file and tables taken out, which the next run removes.
    """
    by.require("archive_month")
    finish_archiving(by=by, at=at)
    if already := _put_away(name):
        return already
    with owning(by, reason=f"archive {name}"):
        span = span_of(name, at=at)
        parts = _held_parts(span)
        _require_finished(span, unfinished)
        file = folder / f"aliquot-{name}.zip"
        columns = {table: columns_of(table) for table in parts}
        about = {"month": name, "schema": schema_version(), "written_at": at.isoformat(), "by": by.key}
        digest = write_file(file, parts, columns, about)
        stretches = sql_files.fetch_rows(SQL, "month_chain", using="owner", low=span.low, high=span.high)
        tables = {table: _count(part) for table, part in parts.items()}
        _take_out(parts)
        kept = ArchivedMonth.objects.using("owner").create(
            month=name,
            state=ArchivedMonth.State.DETACHED,
            file=file.name,
            folder=str(folder.resolve()),
            digest=digest,
            tables=tables,
            schema=about["schema"],
            archived_at=at,
            archived_by=by.key,
        )
        for slot, first, last, before, end in stretches:
            ArchivedChain.objects.using("owner").create(
                archived=kept, slot=slot, first_seq=first, last_seq=last, before_hash=before, last_hash=end
            )
    finish_archiving(by=by, at=at)
    kept.refresh_from_db(using="owner")
    return kept


def _put_away(name: str) -> ArchivedMonth | None:
    away = ArchivedMonth.objects.using("owner").filter(state=ArchivedMonth.State.ARCHIVED)
    return away.filter(month=name).first()


def finish_archiving(*, by: Actor, at: datetime) -> int:  # noqa: ARG001 - one shape with all actions
    """Remove the tables of months that were written and taken out; how many months.

    Refused when a file is not as it was written: its rows are in the database still, and stay there.
    """
    by.require("archive_month")
    waiting = ArchivedMonth.objects.using("owner").filter(state=ArchivedMonth.State.DETACHED)
    for one in waiting.order_by("id"):
        file = Path(one.folder) / one.file
        if not file.exists() or digest_of(file) != one.digest:
            words = _(
                "The file %(file)s is not there as it was written. Put it back: the rows of %(month)s are "
                "still in the database, taken out, and are removed only when the file is whole."
            )
            raise Refused(words % {"file": file, "month": one.month})
        with owning(by, reason=f"archive {one.month}"):
            for table in one.tables:
                sql_files.run_text(f"DROP TABLE IF EXISTS {part_name(table, one.month)}", using="owner")
            ArchivedMonth.objects.using("owner").filter(pk=one.pk).update(state=ArchivedMonth.State.ARCHIVED)
    return len(waiting)


def part_name(table: str, month: str) -> str:
    """The table in which a month of `table` stands."""
    return f"months.{table}_{month.replace('-', '_')}"


def _held_parts(span: Span) -> Mapping[str, str]:
    """The month's part of each table, its rows held still until the transaction ends."""
    parts = parts_of(span.name)
    if not parts:
        words = _("There is no month %(month)s here. These are: %(known)s.")
        raise Refused(words % {"month": span.name, "known": ", ".join(sorted(parts_of(None)))})
    try:
        sql_files.run_text("SET LOCAL lock_timeout = '5s'", using="owner")
        sql_files.run_text(f"LOCK TABLE {', '.join(parts.values())} IN SHARE MODE", using="owner")
    except LockNotAvailable as fault:
        words = _("Somebody changes rows of %(month)s now. Try again later.")
        raise Refused(words % {"month": span.name}) from fault
    return parts


def _require_finished(span: Span, unfinished: Sequence[Unfinished]) -> None:
    found = [words for check in unfinished for words in check(span)]
    if faults := faults_of_chain(span):
        words = _("%(count)d blocks of the audit are broken; run: aliquot audit verify")
        found.append(words % {"count": faults})
    if found:
        words = _("%(month)s cannot be put away: %(found)s.")
        raise Refused(words % {"month": span.name, "found": "; ".join(found)})


def _take_out(parts: Mapping[str, str]) -> None:
    """Detach, in a moment in which nobody uses the tables; writers take these locks in the same order."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(using="owner"):
                sql_files.run_text(f"LOCK TABLE {', '.join(parts)} IN ACCESS EXCLUSIVE MODE", using="owner")
                for table, part in parts.items():
                    sql_files.run_text(f"ALTER TABLE {table} DETACH PARTITION {part}", using="owner")
        except (LockNotAvailable, DeadlockDetected) as fault:
            if not left:
                words = _("The tables are in use without a pause. Try again at a quieter hour.")
                raise Refused(words) from fault
        else:
            return


def _count(part: str) -> int:
    rows = sql_files.fetch_text(f"SELECT count(*) FROM {part}", using="owner")  # noqa: S608 - a name of our own
    return int(rows[0][0])

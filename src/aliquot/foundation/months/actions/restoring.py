"""Bring a month back from its file."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg import Error

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import owning
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.actions.archiving import finish_archiving, part_name
from aliquot.foundation.months.actions.packing import check_tables, digest_of, read_manifest, read_rows
from aliquot.foundation.months.models import ArchivedChain, ArchivedMonth
from aliquot.foundation.months.queries import Span, columns_of, faults_of_chain, span_named
from aliquot.foundation.months.rules.calendar import FIRST

SQL = Path(__file__).parent.parent / "sql"
Following = Callable[[Span], object]


def restore_month(
    file: Path, *, following: Sequence[Following] = (), by: Actor, at: datetime
) -> ArchivedMonth:
    """The record of the month, which is in the database again; the file stays.

    `following` does to its rows what happened meanwhile to all others. Refused, with the remedy, for a
    file that is damaged or not the one written here, or whose rows do not fit the tables as they are now.
    """
    by.require("archive_month")
    finish_archiving(by=by, at=at)
    manifest = read_manifest(file)
    kept = _record_of(file, str(manifest["month"]))
    check_tables(file, manifest)
    span = span_named(kept.month)
    try:
        with owning(by, reason=f"restore {kept.month}"):
            for table, said in manifest["tables"].items():
                _fill(file, table, said)
                _attach(table, kept.month)
            ArchivedChain.objects.using("owner").filter(archived=kept).delete()
            if faults_of_chain(span):
                raise Refused(_("The audit in %(file)s does not fit into its chains.") % {"file": file.name})
            for one in following:
                one(span)
            ArchivedMonth.objects.using("owner").filter(pk=kept.pk).update(
                state=ArchivedMonth.State.RESTORED, restored_at=at, restored_by=by.key
            )
    except Error as fault:
        words = _(
            "The rows of %(month)s do not fit: %(fault)s. Restore them with the program that wrote them: "
            "%(schema)s."
        )
        values = {"month": kept.month, "fault": str(fault).splitlines()[0], "schema": kept.schema}
        raise Refused(words % values) from fault
    kept.refresh_from_db(using="owner")
    return kept


def _record_of(file: Path, month: str) -> ArchivedMonth:
    known = ArchivedMonth.objects.using("owner")
    kept = known.filter(~Q(state=ArchivedMonth.State.RESTORED), month=month).first()
    if kept is None:
        raise Refused(_("%(month)s is not put away here: there is nothing to restore.") % {"month": month})
    if digest_of(file) != kept.digest:
        words = _(
            "%(file)s is not the file that was written of %(month)s. Look for %(kept)s, SHA-256 %(digest)s."
        )
        values = {"file": file.name, "month": month, "kept": kept.file, "digest": kept.digest}
        raise Refused(words % values)
    return kept


def _fill(file: Path, table: str, said: dict[str, Any]) -> None:
    missing = set(said["columns"].split(", ")) - set(columns_of(table).split(", "))
    if missing:
        words = _("%(table)s has no %(columns)s any more. Restore it with the program that wrote it.")
        raise Refused(words % {"table": table, "columns": ", ".join(sorted(missing))})
    part = part_name(table, str(read_manifest(file)["month"]))
    sql_files.run_text(f"CREATE TABLE {part} (LIKE public.{table} INCLUDING ALL)", using="owner")
    sql_files.copy_in(f"COPY {part} ({said['columns']}) FROM STDIN", read_rows(file, table), using="owner")


def _attach(table: str, month: str) -> None:
    name = "attach_first" if month == FIRST else "attach_month"
    number = 0 if month == FIRST else span_named(month).number
    sql_files.fetch_rows(SQL, name, using="owner", table=table, month=number)

"""Which months there are, how old, and whether they are whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.models import ArchivedMonth
from aliquot.foundation.months.rules.calendar import FIRST, KEPT_MONTHS, SHIFT, Month

SQL = Path(__file__).parent / "sql"
LOWEST = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Span:
    """The ids of a month: from `low` inclusive to `high` exclusive."""

    name: str
    low: int
    high: int

    @property
    def number(self) -> int:
        """The month as the database counts it."""
        return self.low >> SHIFT


@dataclass(frozen=True, slots=True)
class Stray:
    """A table with rows that stand in no month."""

    table_name: str
    rows: int


def span_named(name: str) -> Span:
    """The ids of this month; Refused for what is no month."""
    if name == FIRST:
        return Span(name, LOWEST, 1 << SHIFT)
    try:
        month = Month.parse(name)
    except ValueError as fault:
        raise Refused(_("%(name)s is no month. Write it as 2025-03.") % {"name": name}) from fault
    return Span(name, month.low, month.plus(1).low)


def span_of(name: str, *, at: datetime) -> Span:
    """The ids of a month that is old enough to be put away; Refused, naming the youngest, for another."""
    span, limit = span_named(name), Month.of(at).plus(-KEPT_MONTHS)
    newest = _newest(span) if name == FIRST else Month(span.number)
    if newest is not None and newest >= limit:
        words = _("%(name)s is too young: %(limit)s is the youngest month that can be put away.")
        raise Refused(words % {"name": name, "limit": limit.plus(-1)})
    return span


def parts_of(name: str | None) -> dict[str, str]:
    """The part of each table for this month, in the order in which writers lock; or every month, for None."""
    rows = sql_files.fetch_rows(SQL, "parts", using="owner")
    if name is None:
        return {month: part for _table, month, part in rows}
    return {table: part for table, month, part in rows if month == name}


def columns_of(table: str) -> str:
    """The columns of a table that are written and read, those the database computes left out."""
    return str(sql_files.fetch_value(SQL, "columns", using="owner", table=table))


def schema_version() -> str:
    """The last migration that was applied."""
    return str(sql_files.fetch_value(SQL, "schema_version", using="owner"))


def faults_of_chain(span: Span) -> int:
    """How many blocks of the audit in this month are not what their chain says."""
    return int(sql_files.fetch_value(SQL, "faults_of_chain", using="owner", low=span.low, high=span.high))


def strays() -> list[Stray]:
    """Tables with rows that stand in no month; the next `aliquot migrate` gives them one."""
    return sql_files.fetch(Stray, SQL, "strays", using="owner")


def months_ahead() -> int:
    """How many months after this one are ready in every table."""
    return int(sql_files.fetch_value(SQL, "months_ahead", using="owner"))


def archive_of(row_id: int) -> ArchivedMonth | None:
    """Where the row with this id was put away, when it is not in the database."""
    month = Month.of_id(row_id)
    away = ArchivedMonth.objects.exclude(state=ArchivedMonth.State.RESTORED)
    return away.filter(month=FIRST if month is None else str(month)).first()


def archived_months() -> list[ArchivedMonth]:
    """The months that lie in files alone, the latest first."""
    away = ArchivedMonth.objects.exclude(state=ArchivedMonth.State.RESTORED)
    return list(away.order_by("-month"))


def where_it_lies(row_ids: Iterable[int]) -> str:
    """Where the first of these rows that was put away lies, and how to bring it back; or nothing."""
    for row_id in row_ids:
        if away := archive_of(row_id):
            words = _(
                "The results of %(month)s lie in the file %(file)s. Bring them back: aliquot restore-month"
            )
            return words % {"month": away.month, "file": away.file}
    return ""


def _newest(span: Span) -> Month | None:
    newest = sql_files.fetch_value(SQL, "newest", using="owner", low=span.low, high=span.high)
    return None if newest is None else Month.of(newest)

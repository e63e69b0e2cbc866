"""Apply the protection of all tables: rights, row security, audit. Idempotent; the owner runs it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import connections

from aliquot.foundation import sql_files
from aliquot.foundation.protection.declaration import Protection

SQL = Path(__file__).parent / "sql"
AUDIT_SQL = Path(__file__).parent.parent / "audit" / "sql"
MONTHS_SQL = Path(__file__).parent.parent / "months" / "sql"
APPLICATION = "aliquot_app"


def protect_tables(tables: Mapping[str, Protection], *, using: str = "owner") -> None:
    """Bring rights, policies and triggers to what is declared; raise on a table nobody declared."""
    present = set(connections[using].introspection.table_names())
    if unknown := sorted(present - set(tables)):
        raise LookupError(f"declare the protection of: {', '.join(unknown)}")
    sql_files.run_text(sql_files.statement(SQL, "functions"), using=using)
    sql_files.run_text(sql_files.statement(AUDIT_SQL, "functions"), using=using)
    sql_files.run_text(sql_files.statement(MONTHS_SQL, "functions"), using=using)
    for table in sorted(present):
        _protect(table, tables[table], using)
    sql_files.fetch_rows(SQL, "dress_parts", using=using)


def _protect(table: str, given: Protection, using: str) -> None:
    statements = [
        f"REVOKE ALL ON {table} FROM PUBLIC, {APPLICATION}",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS aliquot_sees ON {table}",
        f"DROP POLICY IF EXISTS aliquot_removes ON {table}",
    ]
    if given.rights:
        statements.append(f"GRANT {given.rights} ON {table} TO {APPLICATION}")
        statements += [
            f"GRANT USAGE ON SEQUENCE {name} TO {APPLICATION}" for name in _sequences(table, using)
        ]
        statements.append(
            f"CREATE POLICY aliquot_sees ON {table} TO {APPLICATION} "
            f"USING ({given.sees}) WITH CHECK ({given.writes or given.sees})"
        )
    if given.rights and given.writes:
        # WITH CHECK does not speak about DELETE: who may not write a row may not remove it either
        statements.append(
            f"CREATE POLICY aliquot_removes ON {table} AS RESTRICTIVE FOR DELETE TO {APPLICATION} "
            f"USING ({given.writes})"
        )
    sql_files.run_text("; ".join(statements), using=using)
    if given.is_audited:
        sql_files.run_text(_audit_of(table, given, using), using=using)


def _sequences(table: str, using: str) -> list[str]:
    with connections[using].cursor() as cursor:
        found = connections[using].introspection.get_sequences(cursor, table)
    return [str(one["name"]) for one in found]


def _audit_of(table: str, given: Protection, using: str) -> str:
    with connections[using].cursor() as cursor:
        columns = [c.name for c in connections[using].introspection.get_table_description(cursor, table)]
        key = connections[using].introspection.get_primary_key_column(cursor, table)
    kept = [name for name in columns if name not in given.left_out]
    assert not (given.busy and given.digested)
    return sql_files.statement(AUDIT_SQL, "trigger").format(
        table=table,
        key=key,
        before=_changed(kept, "o", given),
        after=_changed(kept, "n", given),
        left_out=_array(given.left_out),
        header=_names(table, kept) if given.busy else "",
        inserted=_values(kept) if given.busy else _copied(kept, given),
    )


def _changed(columns: Sequence[str], side: str, given: Protection) -> str:
    """The members of a JSON object of what differs, as one side has it; the same text as `to_jsonb` makes."""
    casts = dict.fromkeys(given.digested, "::text")  # what is kept as it was written has no equality
    return ", ".join(
        f"CASE WHEN o.{c}{casts.get(c, '')} IS DISTINCT FROM n.{c}{casts.get(c, '')}"
        f""" THEN '"{c}":' || coalesce(to_json({side}.{c})::text, 'null') END"""
        for c in columns
    )


def _names(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{c}"' for c in columns)
    return (
        f"SELECT block, '{table}', 0, NULL::jsonb, '[{names}]'::jsonb WHERE EXISTS (SELECT FROM new_rows)"  # noqa: S608 - columns of our tables
        " UNION ALL "
    )


def _values(columns: Sequence[str]) -> str:
    return "jsonb_build_array(" + ", ".join(f"n.{c}" for c in columns) + ")"


def _copied(columns: Sequence[str], given: Protection) -> str:
    """A new row as a JSON object; what is not copied is left out beforehand, for it may be large."""
    if not given.left_out and not given.digested:
        return "to_jsonb(n)"
    digests = "".join(_digest(column) for column in given.digested)
    members = ", ".join(f"'{c}', n.{c}" for c in columns if c not in given.digested)
    return f"jsonb_build_object({members}){digests}"


def _array(columns: Sequence[str]) -> str:
    return "{" + ",".join(columns) + "}"


def _digest(column: str) -> str:
    digest = f"encode(sha256(convert_to(n.{column}::text, 'UTF8')), 'hex')"
    return f" || jsonb_build_object('{column}', 'sha256:' || {digest})"

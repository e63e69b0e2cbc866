"""The export server: a second PostgreSQL beside the region's own, in which there is nothing of a person.

Whoever may replicate from a server may copy the whole of it, every database and file by file: a connection
for logical replication also takes BASE_BACKUP, whatever pg_hba.conf says of databases and of `replication`.
So what the federation may enter is a server of its own; no role of the federation exists beside patients.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

import psycopg

from aliquot.foundation.postgres.addresses import given_address
from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.passwords import password_of
from aliquot.foundation.postgres.roles import (
    database_of,
    ensure_database,
    ensure_login,
    execute,
    first_line,
    session_on,
    url_for,
    user_of,
)
from aliquot.foundation.postgres.server import HOST, ensure_running, make_url, status

VARIABLE = "ALIQUOT_EXPORT_DATABASE_URL"
DATABASE = "aliquot_export"
OWNER = "aliquot_export_owner"
READER = "aliquot_federation"
OWNER_RIGHTS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
READER_RIGHTS = "REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
IDENTITY = "SELECT system_identifier FROM pg_control_system()"


def has_export(home: Path, environ: Mapping[str, str]) -> bool:
    """Say whether this region has an export server: one was made in its home, or one is given."""
    return (home / "export" / "postgres.port").exists() or given_address(environ, VARIABLE) is not None


def export_url(home: Path, environ: Mapping[str, str], *, beside: str, detach: bool = False) -> str:
    """Return the owner's address of the export database, making server, database and owner when missing.

    `ALIQUOT_EXPORT_DATABASE_URL`, or the file `ALIQUOT_EXPORT_DATABASE_URL_FILE`, names a given one. `beside`
    is an address of the region's own database. Raises PostgresUnavailable, also when both are one server.
    """
    url = given_address(environ, VARIABLE) or _own_url(home, environ, detach=detach)
    if _identity(url) == _identity(beside):
        raise PostgresUnavailable(
            f"{VARIABLE} names a database of the server that holds the patients.",
            "Give it a server of its own: who may replicate from a server may copy all of it.",
        )
    return url


def running_export(home: Path, environ: Mapping[str, str]) -> str | None:
    """Return the owner's address of the export database if its server runs; start nothing."""
    if given := given_address(environ, VARIABLE):
        return given
    secret = home / "export" / "secrets" / OWNER
    port = status(home / "export").port if secret.exists() else None
    return make_url(HOST, port, DATABASE, OWNER, secret.read_text().strip()) if port else None


def admit_reader(owner_url: str, home: Path, schema: str) -> tuple[str, str]:
    """Give the federation's role a new password, and the right to read one schema; user and password.

    The role may log in, replicate, enter this database alone, read this schema alone. What held before
    opens nothing any more. Raises PostgresUnavailable, with the administrator's statements, when rights lack.
    """
    password = secrets.token_urlsafe(24)
    own = home / "export" / "secrets" / "postgres_superuser"
    address = owner_url
    if own.exists():
        address = url_for(owner_url, "postgres", own.read_text().strip(), database_of(owner_url))
    try:
        with session_on(address) as session:
            ensure_login(session, READER, url_for(owner_url, READER, password, DATABASE), READER_RIGHTS)
            execute(session, "GRANT CONNECT ON DATABASE {} TO {}", database_of(owner_url), READER)
            execute(session, "GRANT USAGE ON SCHEMA {} TO {}", schema, READER)
            execute(session, "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", schema, READER)
    except psycopg.errors.InsufficientPrivilege as error:
        raise _administrator_needed(owner_url, schema, first_line(error)) from error
    return READER, password


def _own_url(home: Path, environ: Mapping[str, str], *, detach: bool) -> str:
    server = ensure_running(home / "export", detach=detach, choice=environ.get("ALIQUOT_POSTGRES"))
    url = url_for(server.superuser_url, OWNER, password_of(home / "export", OWNER), DATABASE)
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        with session_on(server.superuser_url) as admin:
            ensure_login(admin, OWNER, url, OWNER_RIGHTS)
            ensure_database(admin, DATABASE, OWNER)
            for database in (DATABASE, "postgres", "template1"):
                execute(admin, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    return url


def _administrator_needed(owner_url: str, schema: str, why: str) -> PostgresUnavailable:
    database, owner = database_of(owner_url), user_of(owner_url)
    return PostgresUnavailable(
        f"The export database {database} cannot admit the federation: {why}.",
        f"""An administrator of the export server, in which nothing else may lie, runs in {database}:
    CREATE ROLE {READER} LOGIN {READER_RIGHTS} PASSWORD '...';
    GRANT {READER} TO "{owner}" WITH ADMIN OPTION;
    REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
    GRANT CONNECT ON DATABASE "{database}" TO {READER};
    GRANT USAGE ON SCHEMA {schema} TO {READER};
    GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {READER};
wal_level has to be logical, and pg_hba.conf admits {READER} to {database} alone, by password, from the
federation's address alone.""",  # noqa: S608 - words for a person
    )


def _identity(url: str) -> object:
    try:
        with psycopg.connect(url, connect_timeout=10) as session:
            return session.execute(IDENTITY).fetchone()
    except psycopg.OperationalError as error:
        raise PostgresUnavailable(
            f"No connection as {user_of(url)} to the database {database_of(url)}: {first_line(error)}",
            "Check that the server runs, that the database exists, and the user's password.",
        ) from error

"""The database's roles: an owner that migrates, and the application's role that row security binds."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql

from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.passwords import password_of

GROUP = "aliquot_app"
BOUND = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
OWNER = "CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
LOCK = 0x416C6971  # one preparation at a time; "Aliq"
PATIENCE = {
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
FITNESS = """
SELECT role.rolsuper OR role.rolbypassrls,
       has_schema_privilege('public', 'USAGE'),
       (SELECT pg_has_role(role.oid, one.oid, 'USAGE') FROM pg_roles AS one WHERE one.rolname = %s),
       EXISTS (SELECT FROM pg_roles WHERE rolname = %s)
FROM pg_roles AS role
WHERE role.rolname = current_user
"""


@dataclass(frozen=True)
class DatabaseUrls:
    """The two addresses of one database: for migrations, and for everything else."""

    owner_url: str
    app_url: str


def prepare_database(admin_url: str, database: str, *, home: Path) -> DatabaseUrls:
    """Return the addresses of `database` on a server of our own, making what is missing.

    Makes the group role aliquot_app, the login roles `<database>_owner` and `<database>_service` (random
    passwords in `home/secrets`) and the database itself, owned by the former. Idempotent; safe in several
    processes at once. Raises PostgresUnavailable.
    """
    owner = f"{database}_owner"
    urls = DatabaseUrls(
        owner_url=url_for(admin_url, owner, password_of(home, owner), database),
        app_url=app_url_for(url_for(admin_url, owner, "", database), home),
    )
    if not _is_fit(urls.app_url, owner):
        with session_on(admin_url) as admin:
            ensure_login(admin, owner, urls.owner_url, OWNER)
            ensure_database(admin, database, owner)
        with session_on(url_for(admin_url, None, None, database)) as admin:
            _ensure_app(admin, database, urls.app_url)
    return urls


def prepare_given_database(owner_url: str, app_url: str | None, *, home: Path) -> DatabaseUrls:
    """Return the addresses of a database that an administrator made; the address's own user is its owner.

    Without `app_url` the login role `<database>_service` is made, which needs CREATEROLE. When that right is
    missing, or the given role is not bound, raises PostgresUnavailable with the statements to run.
    """
    urls = DatabaseUrls(owner_url, app_url or app_url_for(owner_url, home))
    if _is_fit(urls.app_url, None):
        return urls
    try:
        with session_on(owner_url) as owner:
            _ensure_app(owner, database_of(owner_url), None if app_url else urls.app_url)
            if app_url:
                _join_group(owner, user_of(app_url))
            may_migrate = owner.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone() == (
                True,
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise _administrator_needed(urls, f"the user may not make roles ({first_line(error)})") from error
    if not may_migrate:
        raise _administrator_needed(urls, f"{user_of(owner_url)} may not make tables there")
    if not _is_fit(urls.app_url, None):
        raise _administrator_needed(
            urls, f"{user_of(urls.app_url)} cannot connect, is not in {GROUP}, or passes row security"
        )
    return urls


def app_url_for(owner_url: str, home: Path) -> str:
    """Return the application's address beside the owner's: same server, user `<database>_service`."""
    user = f"{database_of(owner_url)}_service"
    return url_for(owner_url, user, password_of(home, user), database_of(owner_url))


def database_of(url: str) -> str:
    """Return the database that an address names."""
    return unquote(urlsplit(url).path.lstrip("/"))


def user_of(url: str) -> str:
    """Return the user that an address names."""
    return unquote(urlsplit(url).username or "")


def _is_fit(app_url: str, owner: str | None) -> bool:
    """Say whether the application's role logs in, is in the group, and is bound by row security."""
    try:
        with psycopg.connect(app_url, connect_timeout=10) as app:
            found = app.execute(FITNESS, [GROUP, owner or GROUP]).fetchone()
    except psycopg.OperationalError:
        return False
    return found == (False, True, True, True)


def session_on(url: str) -> Connection:
    """Return a session that holds the preparation's lock of that database. Raises PostgresUnavailable."""
    try:
        session = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise PostgresUnavailable(
            f"No connection as {user_of(url)} to the database {database_of(url)}: {first_line(error)}",
            "Check that the server runs, that the database exists, and the user's password.",
        ) from error
    session.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    return session


def _ensure_app(session: Connection, database: str, app_url: str | None) -> None:
    """Make the group and, given an address, the login role; open the database to them alone."""
    if not _role_exists(session, GROUP):
        execute(session, f"CREATE ROLE {{}} NOLOGIN {BOUND}", GROUP)
    execute(session, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    execute(session, "GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", database, GROUP)
    execute(session, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    execute(session, "GRANT USAGE ON SCHEMA public TO {}", GROUP)
    if app_url:
        ensure_login(session, user_of(app_url), app_url, f"INHERIT {BOUND}")
        _join_group(session, user_of(app_url))
        for name, value in PATIENCE.items():
            execute(session, f"ALTER ROLE {{}} SET {name} = '{value}'", user_of(app_url))


def ensure_login(session: Connection, user: str, url: str, rights: str) -> None:
    """Make the login role, or give the one that is there its password back; rights are set at birth alone."""
    making = not _role_exists(session, user)
    statement = (
        f"CREATE ROLE {{}} LOGIN {rights} PASSWORD {{}}" if making else "ALTER ROLE {} LOGIN PASSWORD {}"
    )
    password = sql.Literal(unquote(urlsplit(url).password or ""))
    session.execute(sql.SQL(statement).format(sql.Identifier(user), password))


def ensure_database(session: Connection, database: str, owner: str) -> None:
    """Make the database for this owner when it is missing."""
    if not session.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        execute(session, "CREATE DATABASE {} OWNER {}", database, owner)


def _join_group(session: Connection, user: str) -> None:
    execute(session, "GRANT {} TO {}", GROUP, user)


def _role_exists(session: Connection, name: str) -> bool:
    return session.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None


def execute(session: Connection, statement: str, *names: str) -> None:
    """Run a statement with these names quoted into its gaps."""
    session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def url_for(url: str, user: str | None, password: str | None, database: str) -> str:
    """Return the address with another database and, unless None, another user; host and options stay."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    who = (
        f"{quote(user, safe='')}:{quote(password or '', safe='')}"
        if user
        else parts.netloc.rpartition("@")[0]
    )
    return urlunsplit((parts.scheme, f"{who}@{host}", quote(database, safe=""), parts.query, ""))


def _administrator_needed(urls: DatabaseUrls, why: str) -> PostgresUnavailable:
    owner, app, database = user_of(urls.owner_url), user_of(urls.app_url), database_of(urls.owner_url)
    return PostgresUnavailable(
        f"The database {database} is not ready: {why}.",
        f"""An administrator of the server runs, in the database {database}:
    CREATE ROLE {GROUP} NOLOGIN {BOUND};
    CREATE ROLE "{app}" LOGIN INHERIT {BOUND} IN ROLE {GROUP} PASSWORD '...';
    GRANT ALL ON DATABASE "{database}" TO "{owner}";
    GRANT ALL ON SCHEMA public TO "{owner}";
    GRANT CONNECT, TEMPORARY ON DATABASE "{database}" TO {GROUP};
    GRANT USAGE ON SCHEMA public TO {GROUP};
Then set ALIQUOT_APP_DATABASE_URL to the address of "{app}" with that password.
A role that is there already needs only:
    GRANT {GROUP} TO "{app}"; ALTER ROLE "{app}" NOSUPERUSER NOBYPASSRLS;""",
    )


def first_line(error: Exception) -> str:
    """Return what an error says first."""
    return str(error).strip().partition("\n")[0]

"""The owner migrates, the application is bound by row security, and both are made once."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from aliquot.foundation.postgres import (
    DatabaseUrls,
    PostgresUnavailable,
    Server,
    connect_urls,
    ensure_running,
    prepare_database,
    prepare_given_database,
)

KEPT = {"ALIQUOT_DATABASE": "region_7"}
SETUP = """
CREATE TABLE patients (name text, region int);
ALTER TABLE patients ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_region ON patients USING (region = 7);
INSERT INTO patients VALUES ('Ivanova', 7), ('Petrov', 8);
GRANT SELECT ON patients TO aliquot_app;
"""


def ask(url: str, question: LiteralString) -> Any:
    with psycopg.connect(url) as session:
        return session.execute(question).fetchall()


@pytest.fixture
def urls(home: Path) -> DatabaseUrls:
    return connect_urls(home, KEPT, detach=True)


@pytest.fixture
def given(home: Path) -> Iterator[Server]:
    """Return a server on which an administrator made the database `hub` for the user `plain`, who has no rights."""
    server = ensure_running(home)
    with psycopg.connect(server.superuser_url, autocommit=True) as administrator:
        administrator.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        administrator.execute("CREATE DATABASE hub OWNER plain")
        yield server
        administrator.execute("DROP DATABASE hub")
        for role in ("hub_service", "ready", "loose", "plain"):
            administrator.execute(f"DROP ROLE IF EXISTS {role}")  # type: ignore[arg-type, unused-ignore]


def test_both_addresses_lead_into_the_database_as_their_own_role(urls: DatabaseUrls) -> None:
    who = "SELECT current_user::text, current_database()::text"
    assert ask(urls.owner_url, who) == [("region_7_owner", "region_7")]
    assert ask(urls.app_url, who) == [("region_7_service", "region_7")]


def test_the_application_is_bound_by_row_security_and_the_owner_is_not(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner_url) as owner:
        owner.execute(SETUP)
    assert ask(urls.owner_url, "SELECT count(*) FROM patients") == [(2,)]
    assert ask(urls.app_url, "SELECT name FROM patients") == [("Ivanova",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(urls.app_url, "ALTER TABLE patients DISABLE ROW LEVEL SECURITY")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(urls.app_url, "CREATE TABLE mine (a int)")


def test_the_application_s_statements_and_locks_end_in_time(urls: DatabaseUrls) -> None:
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    assert ask(urls.app_url, limits) == [("1min", "10s")]
    assert ask(urls.owner_url, limits) == [("0", "0")]


def test_another_role_of_the_server_may_not_enter(home: Path, urls: DatabaseUrls, given: Server) -> None:
    assert urls.app_url.endswith("/region_7")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(given.url("region_7", "plain", "plain"))


def test_asking_again_changes_nothing_and_a_lost_password_is_set_anew(home: Path, urls: DatabaseUrls) -> None:
    assert connect_urls(home, KEPT, detach=True) == urls
    kept = home / "secrets" / "region_7_service"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()
    again = connect_urls(home, KEPT, detach=True)
    assert again.app_url != urls.app_url
    assert ask(again.app_url, "SELECT 1") == [(1,)]


def test_processes_that_prepare_at_once_agree(home: Path) -> None:
    server = ensure_running(home)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: prepare_database(server.superuser_url, "rush", home=home), range(4)))
    assert len(set(made)) == 1
    assert ask(made[0].app_url, "SELECT 1") == [(1,)]


def test_a_given_server_needs_only_a_user_that_may_make_roles(home: Path, given: Server) -> None:
    with psycopg.connect(given.superuser_url) as administrator:
        administrator.execute("ALTER ROLE plain CREATEROLE")
    address = given.url("hub", "plain", "plain")
    if given.version >= 16:  # there, a role made by another must be handed over first
        with psycopg.connect(given.superuser_url) as administrator:
            administrator.execute("GRANT aliquot_app TO plain WITH ADMIN OPTION")
    urls = connect_urls(home, {"ALIQUOT_DATABASE_URL": address})
    assert urls.owner_url == address
    assert ask(urls.app_url, "SELECT current_user::text") == [("hub_service",)]
    assert connect_urls(home, {"ALIQUOT_DATABASE_URL": address}) == urls


def test_without_that_right_the_error_is_the_administrator_s_script(home: Path, given: Server) -> None:
    with pytest.raises(PostgresUnavailable, match="may not make roles") as refused:
        prepare_given_database(given.url("hub", "plain", "plain"), None, home=home)
    script = refused.value.remedy.split("database hub:\n")[1].split("Then set")[0]
    script = script.replace("'...'", "'chosen'").replace(
        "CREATE ROLE aliquot_app NOLOGIN", "ALTER ROLE aliquot_app NOLOGIN"
    )
    with psycopg.connect(given.url("hub", "postgres", _password(given))) as administrator:
        administrator.execute(script.encode())
    app = given.url("hub", "hub_service", "chosen")
    file = home / "app_url"
    file.write_text(f"{app}\n")
    environ = {
        "ALIQUOT_DATABASE_URL": given.url("hub", "plain", "plain"),
        "ALIQUOT_APP_DATABASE_URL_FILE": str(file),
    }
    assert connect_urls(home, environ).app_url == app


def test_a_role_that_passes_row_security_is_refused_as_the_application(home: Path, given: Server) -> None:
    with psycopg.connect(given.superuser_url) as administrator:
        administrator.execute("CREATE ROLE loose LOGIN BYPASSRLS PASSWORD 'loose' IN ROLE aliquot_app")
    with pytest.raises(PostgresUnavailable, match="loose"):
        prepare_given_database(
            given.url("hub", "postgres", _password(given)), given.url("hub", "loose", "loose"), home=home
        )


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"ALIQUOT_DATABASE_URL": "mysql://a:b@c/d"}, "not the address of a database"),
        ({"ALIQUOT_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/"}, "not the address of a database"),
        ({"ALIQUOT_DATABASE_URL_FILE": "/nowhere/url"}, "cannot be read"),
        ({"ALIQUOT_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/d"}, "No connection as a to the database d"),
    ],
)
def test_a_wrong_address_is_named(tmp_path: Path, environ: dict[str, str], says: str) -> None:
    with pytest.raises(PostgresUnavailable, match=says):
        connect_urls(tmp_path, environ)


def _password(server: Server) -> str:
    return psycopg.conninfo.conninfo_to_dict(server.superuser_url)["password"]  # type: ignore[return-value]

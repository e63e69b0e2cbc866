"""Where the database is: the environment's word first, else the embedded server of the home."""

from collections.abc import Mapping
from pathlib import Path

from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.roles import DatabaseUrls, prepare_database, prepare_given_database
from aliquot.foundation.postgres.server import ensure_running

SCHEMES = ("postgresql://", "postgres://")


def connect_urls(home: Path, environ: Mapping[str, str], *, detach: bool = False) -> DatabaseUrls:
    """Return the owner's and the application's address of this node's database, making what is missing.

    `ALIQUOT_DATABASE_URL` (or a file that holds it, `ALIQUOT_DATABASE_URL_FILE`) names a given server, and
    `ALIQUOT_APP_DATABASE_URL` (or `..._FILE`) the application's own address there. Without them the embedded
    server of `home` is started or adopted, with a database called `ALIQUOT_DATABASE` (default aliquot); the
    last process that uses it stops it, unless `detach`. Raises PostgresUnavailable.
    """
    given = given_address(environ, "ALIQUOT_DATABASE_URL")
    if given:
        return prepare_given_database(given, given_address(environ, "ALIQUOT_APP_DATABASE_URL"), home=home)
    server = ensure_running(home, detach=detach, choice=environ.get("ALIQUOT_POSTGRES"))
    return prepare_database(
        server.superuser_url, environ.get("ALIQUOT_DATABASE", "aliquot"), home=home.resolve()
    )


def given_address(environ: Mapping[str, str], name: str) -> str | None:
    """Return the address that a variable holds, or the file it names. Raises PostgresUnavailable."""
    file = environ.get(f"{name}_FILE")
    value = _text_of(name, Path(file)) if file else environ.get(name, "")
    if value and not (value.startswith(SCHEMES) and value.rpartition("/")[2]):
        raise PostgresUnavailable(
            f"{name} is not the address of a database.",
            f"Write it as {SCHEMES[0]}user:password@host:port/database.",
        )
    return value or None


def _text_of(name: str, file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise PostgresUnavailable(
            f"{name}_FILE names {file}, which cannot be read: {error.strerror}.",
            "Name a file that this account may read.",
        ) from error

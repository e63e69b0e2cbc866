"""Every statement that is kept as a file is understood by the database as migrated."""

import re
from pathlib import Path

import psycopg
import pytest
from django.db import transaction

import aliquot
from aliquot.foundation import sql_files

PACKAGE = Path(aliquot.__file__).parent
PARAMETER = re.compile(r"%\((\w+)\)s")
MOMENT = re.compile(r"(at|since|until|before|after|now|moment)$")
PREPARABLE = re.compile(r"(--.*\n)*\s*(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|VALUES)\b")
SEVERAL_STATEMENTS = {"functions.sql", "trigger.sql"}  # schema work, run and so checked by every migration
TABLES_OF_ITS_OWN = PACKAGE / "entrypoints" / "bench" / "sql"  # made by the benchmark when it runs
FILES = sorted(
    path
    for path in PACKAGE.rglob("sql/*.sql")
    if path.name not in SEVERAL_STATEMENTS and path.parent != TABLES_OF_ITS_OWN
)


def prepared(text: str) -> str:
    """The statement as PREPARE takes it: a moment without a cast is typed as Python sends it, all else as written."""
    names = list(dict.fromkeys(PARAMETER.findall(text)))
    body = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%")
    types = ", ".join(_type(name, text) for name in names)
    return f"PREPARE checked{f' ({types})' if names else ''} AS {body}"


def _type(name: str, text: str) -> str:
    is_cast = f"%({name})s::" in text
    return "timestamptz" if MOMENT.search(name) and not is_cast else "unknown"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
@pytest.mark.django_db(databases=["default", "owner"])
def test_the_database_understands_the_statement(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("-- "), "a sentence on top says what it does"
    with transaction.atomic(using="owner"):
        if PREPARABLE.match(text):
            sql_files.run_text(prepared(text), using="owner")
            sql_files.run_text("DEALLOCATE checked", using="owner")
        else:
            sql_files.run_text(text, using="owner")


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_column_that_is_not_there_is_found() -> None:
    with pytest.raises(psycopg.errors.UndefinedColumn), transaction.atomic(using="owner"):
        sql_files.run_text(prepared("-- A.\nSELECT nothing FROM result WHERE id = %(id)s"), using="owner")


def test_moments_are_typed_unless_the_statement_does_it() -> None:
    assert prepared("-- A.\nSELECT %(a)s, %(at)s, %(since)s::date, %(a)s LIKE 'x%%'") == (
        "PREPARE checked (unknown, timestamptz, unknown) AS -- A.\nSELECT $1, $2, $3::date, $1 LIKE 'x%'"
    )


def test_files_are_found() -> None:
    assert {"apply_verdicts.sql", "record_events.sql"} <= {path.name for path in FILES}

"""Change what is decided by, between two batches of the workers."""

from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


def change_rules() -> None:
    """Wait until every batch that began is kept; those to come wait for this transaction and see it."""
    sql_files.fetch_value(SQL, "change_rules")

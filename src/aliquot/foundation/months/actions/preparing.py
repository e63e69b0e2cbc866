"""The months to come, made before their first row."""

from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


def prepare_months(*, using: str = "default") -> int:
    """How many tables were made: this month and the next three are there then. None when somebody is at it.

    A database function of the owner does it, which any process of the program may call.
    """
    return int(sql_files.fetch_value(SQL, "prepare_months", using=using))


def gather_strays() -> int:
    """Give a month to each row that stands in none; how many tables were made. The owner does it."""
    found = sql_files.fetch_rows(SQL, "stray_months", using="owner")
    for table, month in found:
        sql_files.fetch_value(SQL, "add_month", using="owner", table=table, month=month)
    return len(found)

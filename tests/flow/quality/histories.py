"""Months of a test's results on an analyzer, written as rows: only what a history is read by differs."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from aliquot.flow.results.models import Result

COPY = """
INSERT INTO result ({columns})
SELECT {values}
  FROM result, unnest(%s::double precision[], %s::timestamptz[]) AS one (value, at)
 WHERE result.id = %s
"""


def write_history(
    like: Result, values: Sequence[float], times: Sequence[datetime], **said: str | int
) -> None:
    """Further first results like this one, with these values at these times; `said` are other columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'result' AND is_generated = 'NEVER' AND column_name <> 'id'"
        )
        columns = [row[0] for row in cursor.fetchall()]
        given = {"value": "round(one.value::numeric, 6)", "measured_at": "one.at", "state": "'superseded'"}
        given |= dict.fromkeys(said, "%s")
        text = COPY.format(
            columns=", ".join(columns),
            values=", ".join(given.get(name, f"result.{name}") for name in columns),
        )
        ordered = [said[name] for name in columns if name in said]
        cursor.execute(text, [*ordered, [float(one) for one in values], list(times), like.pk])

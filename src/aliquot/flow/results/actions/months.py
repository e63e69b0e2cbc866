"""What results ask before a month of them goes, and what they catch up with when it comes back."""

from pathlib import Path

from django.utils.translation import ngettext

from aliquot.foundation import sql_files
from aliquot.foundation.months.queries import Span

SQL = Path(__file__).parent.parent / "sql"
LONGEST = 100
"""Merges into a record that was itself merged, one after the other."""


def unfinished_in(span: Span) -> list[str]:
    """Why results of this month cannot be put away, in parts of a sentence; nothing when all is finished."""
    undecided, orders, calls = sql_files.fetch_rows(
        SQL, "unfinished_in_span", using="owner", low=span.low, high=span.high
    )[0]
    return [
        words % {"count": count}
        for count, words in (
            (
                undecided,
                ngettext(
                    "%(count)d result waits for a decision",
                    "%(count)d results wait for a decision",
                    undecided,
                ),
            ),
            (
                orders,
                ngettext("%(count)d order is not complete", "%(count)d orders are not complete", orders),
            ),
            (
                calls,
                ngettext(
                    "%(count)d critical value is still to be told",
                    "%(count)d critical values are still to be told",
                    calls,
                ),
            ),
        )
        if count
    ]


def follow_merges(span: Span) -> None:
    """Give results that were restored to the records that their patients have now; inside the restoring."""
    sql_files.execute(SQL, "follow_undone_merges", using="owner", low=span.low, high=span.high)
    for _ in range(LONGEST):
        if not sql_files.execute(SQL, "follow_merges", using="owner", low=span.low, high=span.high):
            return

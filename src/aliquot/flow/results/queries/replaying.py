"""A rule set tried on what is kept: one part of a stretch of history, read as a stream and decided anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aliquot.flow.orders.models import Order
from aliquot.flow.results.rules.backtest.replay import Kept, Stretch, decided
from aliquot.flow.results.rules.backtest.tally import Tally
from aliquot.flow.results.rules.history import LOOK_BACK
from aliquot.flow.verification.queries import catalogue_facts
from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.decision import Verdict
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.shapes import Rule
from aliquot.foundation import sql_files
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent.parent / "sql"
BEAT = 5000
"""Results between two signs of life."""


@dataclass(frozen=True, slots=True)
class History:
    """Which results: recorded from `since` to before `until`, of one laboratory (None: of all seen)."""

    since: datetime
    until: datetime
    laboratory_id: int | None = None


def count_history(history: History) -> int:
    """How many results will be decided."""
    return int(
        sql_files.fetch_value(
            SQL,
            "count_stretch",
            since=history.since,
            until=history.until,
            laboratory=history.laboratory_id,
        )
    )


def book_of(rules: list[Rule] | tuple[Rule, ...]) -> RuleBook:
    """A book in which these rules hold everywhere, upon the catalogue as it is; nothing is suspended."""
    return compile_book(catalogue_facts(), {None: rules}, sites=dict(Site.objects.values_list("id", "code")))


def replay(
    book: RuleBook, history: History, *, part: int = 0, parts: int = 1
) -> Iterator[tuple[Kept, Evidence, Verdict]]:
    """Each result of one part of the patients, the evidence of then, and what this book decides."""
    look_back = max(LOOK_BACK, book.longest_window_days)
    windows = [one.delta_days for one in book.tests.values() if one.delta_days is not None]
    stretch = Stretch(history.since, history.until, look_back)
    sql_files.fetch_rows(SQL, "roomy")
    rows = sql_files.stream_rows(
        SQL,
        "replayed_results",
        warm=history.since - timedelta(days=max([look_back, *windows])),
        until=history.until,
        laboratory=history.laboratory_id,
        part=part,
        parts=parts,
    )
    yield from decided(map(Kept._make, rows), book, stretch)


def tallied(
    book: RuleBook,
    history: History,
    *,
    part: int = 0,
    parts: int = 1,
    beat: Callable[[int], object] = lambda _count: None,
) -> Tally:
    """The counts of one part; `beat` is told how many were decided, every few thousand."""
    tally = Tally()
    for row, _, verdict in replay(book, history, part=part, parts=parts):
        tally.count(row, verdict)
        if tally.decided % BEAT == 0:
            beat(tally.decided)
    return tally


def numbers_of(tally: Tally) -> dict[int, str]:
    """The numbers of the orders of a tally's examples."""
    wanted = {one["order"] for kept in tally.examples.values() for one in kept}
    return dict(Order.objects.filter(pk__in=wanted).values_list("pk", "number"))

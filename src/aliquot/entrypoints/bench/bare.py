"""The upper bound: the same columns written by sets, without line, rules, row security or audit."""

from time import perf_counter

from aliquot.entrypoints.bench.figures import rate
from aliquot.entrypoints.bench.session import Session

BATCH = 2000


def bare_rate(session: Session, results: int) -> float:
    """Results a second inserted and then released in batches, committed each time."""
    session.run("bare_table")
    began = perf_counter()
    for first in range(0, results, BATCH):
        count = min(BATCH, results - first)
        session.run("bare_insert", first=first, count=count)
        session.run("bare_release", first=first, count=count)
    seconds = perf_counter() - began
    session.text("DROP TABLE bench_bare")
    return rate(results, seconds)

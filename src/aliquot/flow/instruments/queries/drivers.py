"""Drivers as a laboratory has adapted them to its analyzers."""

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from aliquot.flow.instruments.rules.adaptation import Adaptation, Term
from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


def adaptations_of(analyzers: Collection[int]) -> dict[int, Adaptation]:
    """What was added to the drivers of these analyzers, by one statement; one without is left out."""
    found: dict[int, list[Term]] = defaultdict(list)
    rows = sql_files.fetch_rows(SQL, "adaptations", analyzers=list(analyzers))
    for analyzer, kind, term, meaning, factor in rows:
        found[analyzer].append(Term(kind, term, meaning, factor and factor.normalize()))
    return {analyzer: tuple(terms) for analyzer, terms in found.items()}


@lru_cache(maxsize=512)
def adapted_driver(model: str, adaptation: Adaptation = ()) -> Driver:
    """The driver of a model with what a laboratory added for one analyzer; kept, as merging it takes time."""
    driver = load(model)
    return driver.adapted(adaptation) if adaptation else driver


def driver_of(analyzer_id: int, model: str) -> Driver:
    """The driver of one analyzer as it is adapted now."""
    return adapted_driver(model, adaptations_of([analyzer_id]).get(analyzer_id, ()))

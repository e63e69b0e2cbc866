"""Made-up days and the book of the shipped rules, for tests of what they catch."""

from collections.abc import Mapping
from functools import cache

from aliquot.entrypoints.backtest.seeded.population import Population, make_population
from aliquot.flow.results.queries.replaying import book_of
from aliquot.flow.verification.queries import catalogue_facts, check_text, shipped_rules
from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.facts import TestFacts
from aliquot.foundation.context import acting
from tests.factories import NOW
from tests.regions import Region

RESULTS = 12_000


def facts_of(region: Region) -> dict[str, TestFacts]:
    with acting(region.worker):
        return {one.code: one for one in catalogue_facts()}


def book_without(region: Region, *kinds: str, text: str = "") -> RuleBook:
    """The shipped rules, or these, without all of some kinds."""
    with acting(region.worker):
        checked = check_text(text or shipped_rules(), None, at=NOW)
        assert checked.problems == ()
        return book_of([one for one in checked.rules if one.kind not in kinds])


@cache
def _day(seed: int, rate: float, facts: tuple[TestFacts, ...]) -> Population:
    return make_population(seed, RESULTS, {one.code: one for one in facts}, rate=rate)


def day(facts: Mapping[str, TestFacts], *, seed: int = 7, rate: float = 6.0) -> Population:
    """A day of the catalogue's tests, made once for all tests that ask for it."""
    return _day(seed, rate, tuple(facts.values()))

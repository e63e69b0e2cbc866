"""What others may ask about verification: the rule sets and suspensions in force, and the rule book."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.document import RuleSet, effective, read_rule_set
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.facts import Reference, TestFacts
from aliquot.flow.verification.rules.plan import Suspension
from aliquot.flow.verification.rules.shapes import Rule
from aliquot.foundation import sql_files
from aliquot.registers.catalogue.models import ReferenceInterval, Test
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent / "sql"
SHIPPED = Path(__file__).parent / "data" / "network.toml"
ActiveSet = tuple[int | None, str, str]
_books: dict[str, RuleBook] = {}
"""The one book of this process, by its version."""


def active_rule_sets(at: datetime) -> list[ActiveSet]:  # noqa: ARG001 - until sets are kept
    """The rule sets in force: (laboratory id, None for the network; text; version)."""
    return [(None, shipped_rules(), "shipped")]


def suspensions() -> list[Suspension]:
    """What a person switched off, and has not switched on again."""
    return []


@cache
def shipped_rules() -> str:
    """The text of the network's rule set as shipped."""
    return SHIPPED.read_text(encoding="utf-8")


def current_book(at: datetime | None = None) -> RuleBook:
    """The book to decide by now: asked for in every batch, compiled anew only when something changed."""
    sets, suspended = active_rule_sets(at or datetime.now(UTC)), suspensions()
    parts = [sql_files.fetch_value(SQL, "book_version"), *(version for _, _, version in sets), suspended]
    version = " ".join(map(str, parts))
    if version not in _books:
        book = _compiled(sets, suspended, version)
        _books.clear()
        _books[version] = book
    return _books[version]


def catalogue_types() -> dict[str, TestType]:
    """The catalogue's tests by code, as expressions are typed against them."""
    rows = Test.objects.values_list("code", "scale", "unit", "decimals")
    return {code: TestType(code, scale, unit, decimals) for code, scale, unit, decimals in rows}


def catalogue_facts() -> list[TestFacts]:
    """What the catalogue says of every test."""
    intervals: dict[int, tuple[Reference, ...]] = {}
    for row in ReferenceInterval.objects.order_by("id"):
        intervals[row.test_id] = (*intervals.get(row.test_id, ()), _reference(row))
    return [_facts(test, intervals.get(test.pk, ())) for test in Test.objects.order_by("id")]


def _compiled(sets: Sequence[ActiveSet], suspended: Sequence[Suspension], version: str) -> RuleBook:
    rules = effective_rules(sets, catalogue_types())
    sites = dict(Site.objects.values_list("id", "code"))
    return compile_book(catalogue_facts(), rules, sites=sites, suspensions=suspended, version=version)


def effective_rules(
    sets: Sequence[ActiveSet], types: Mapping[str, TestType]
) -> dict[int | None, Sequence[Rule]]:
    """The rules by laboratory id (None: the network's); a set that cannot be used has none and holds all."""
    read = {laboratory: _usable(text, version, types) for laboratory, text, version in sets}
    network = read.get(None)
    if network is None:
        return {laboratory: () for laboratory in read if laboratory is not None}
    found: dict[int | None, Sequence[Rule]] = {None: network.rules}
    for laboratory, hub in read.items():
        if laboratory is not None:
            joined = effective(network, hub) if hub else None
            found[laboratory] = joined.rules if joined and not joined.problems else ()
    return found


def _usable(text: str, version: str, types: Mapping[str, TestType]) -> RuleSet | None:
    read = read_rule_set(text, types)
    for one in read.problems:
        logging.getLogger(__name__).error("rule set %s cannot be used: %s", version, one)
    return read.rule_set


def _reference(row: ReferenceInterval) -> Reference:
    ages = (row.age_from_days, row.age_to_days)
    return Reference(row.low, row.high, row.sex, *ages, expected_en=row.text, expected_ru=row.text_ru)


def _facts(test: Test, intervals: tuple[Reference, ...]) -> TestFacts:
    return TestFacts(
        test_id=test.pk,
        code=test.code,
        scale=test.scale,
        unit=test.unit,
        decimals=test.decimals,
        is_released_by_rules=test.autorelease,
        critical_low=test.critical_low,
        critical_high=test.critical_high,
        technical_low=test.technical_low,
        technical_high=test.technical_high,
        delta_percent=test.delta_percent,
        delta_days=test.delta_days,
        stable_room_minutes=test.stable_room_minutes,
        stable_cold_minutes=test.stable_cold_minutes,
        unspun_room_minutes=test.unspun_room_minutes,
        is_centrifuged=test.is_centrifuged,
        spoilt_by=tuple(test.spoilt_by),
        intervals=intervals,
    )

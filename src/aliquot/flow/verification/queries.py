"""What others may ask about verification: the rule sets and suspensions in force, and the rule book."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.db.models import F

from aliquot.flow.verification import models
from aliquot.flow.verification.models import RuleSetVersion
from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.cases import Case, read_cases, uncovered
from aliquot.flow.verification.rules.correction_policy import UNSTATED, CorrectionPolicy
from aliquot.flow.verification.rules.critical_policy import CriticalPolicy
from aliquot.flow.verification.rules.document import (
    Provenance,
    RuleSet,
    corrections_in,
    effective,
    read_policies,
    read_rule_set,
)
from aliquot.flow.verification.rules.document.problems import Problem, problem
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.facts import Reference, TestFacts
from aliquot.flow.verification.rules.plan import UNIT_CHANGED, Suspension
from aliquot.flow.verification.rules.shapes import Rule
from aliquot.foundation import sql_files
from aliquot.foundation.units import convert
from aliquot.registers.catalogue.models import ReferenceInterval, Test
from aliquot.registers.catalogue.rules.findings import read_grades
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent / "sql"
OWN = ("added", "replaced")
SHIPPED = Path(__file__).parent / "data" / "network.toml"


@dataclass(frozen=True, slots=True)
class Checked:
    """A text as it would hold: effective rules, problems, itself when it can be read, whence each rule."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    rule_set: RuleSet | None = None
    provenance: tuple[Provenance, ...] = ()
    cases: tuple[Case, ...] = ()

    @property
    def stated(self) -> tuple[Rule, ...]:
        """The rules that the text itself answers for: a laboratory's where it departs from the network's."""
        if not self.provenance:
            return self.rules
        own = {one.code for one in self.provenance if one.origin in OWN}
        return tuple(one for one in self.rules if one.code in own)


ActiveSet = tuple[int | None, str, str]
WIDEST_FIRST = ("network", "laboratory", "analyzer", "test")
_books: dict[str, RuleBook] = {}
"""The one book of this process, by its version."""


def active_rule_sets(at: datetime) -> list[ActiveSet]:
    """The rule sets in force: (laboratory id, None for the network; text; version)."""
    return [(one.laboratory_id, one.text, f"{one.title} {one.version}") for one in versions_in_force(at)]


def versions_in_force(at: datetime) -> list[RuleSetVersion]:
    """The versions in force at a moment, the network's first; at most one for each scope."""
    begun = RuleSetVersion.objects.filter(active_from__lte=at).exclude(active_until__lte=at)
    return list(begun.select_related("laboratory").order_by(F("laboratory_id").asc(nulls_first=True)))


def version_in_force(laboratory_id: int | None, at: datetime) -> RuleSetVersion | None:
    """The version in force of the network (None) or of a laboratory's own set; None when there is none."""
    return next((one for one in versions_in_force(at) if one.laboratory_id == laboratory_id), None)


def suspensions() -> list[Suspension]:
    """What a person switched off, and has not switched on again; of an analyzer its own mark tells."""
    return [
        Suspension(one.scope, one.reason, one.test_id, one.analyzer_id, one.laboratory_id)
        for one in open_suspensions()
        if one.analyzer_id is None
    ]


def catalogue_units() -> dict[str, str]:
    """The unit in which the catalogue reports each numeric test now, by code."""
    numeric = Test.objects.filter(scale=Test.Scale.QUANTITATIVE)
    return dict(numeric.order_by("code").values_list("code", "unit"))


def changed_units(at: datetime) -> list[Suspension]:
    """The tests that wait because their unit is another than when the rules in force were approved.

    A limit means nothing without its unit. Source: ISO 15189:2022, 7.4.1.5 (validated before use).
    """
    now = dict(Test.objects.values_list("code", "unit"))
    ids = dict(Test.objects.values_list("code", "pk"))
    return [
        Suspension(UNIT_CHANGED, f"{was or '1'}, {now[code] or '1'}", ids[code], None, one.laboratory_id)
        for one in versions_in_force(at)
        for code, was in one.units.items()
        if code in now and now[code] != was
    ]


def open_suspensions() -> list[models.Suspension]:
    """The suspensions in force, the widest first."""
    found = models.Suspension.objects.filter(ended_at=None).select_related("laboratory", "test", "analyzer")
    return sorted(found, key=lambda one: (WIDEST_FIRST.index(one.scope), one.since))


def suspensions_at(laboratory_id: int) -> list[models.Suspension]:
    """The suspensions in force that concern a laboratory, the widest first."""
    return [one for one in open_suspensions() if one.laboratory_id in (None, laboratory_id)]


@cache
def shipped_rules() -> str:
    """The text of the network's rule set as shipped."""
    return SHIPPED.read_text(encoding="utf-8")


def current_book(at: datetime | None = None) -> RuleBook:
    """The book to decide by now: asked for in every batch, compiled anew only when something changed."""
    moment = at or datetime.now(UTC)
    version = str(sql_files.fetch_value(SQL, "book_version", at=moment))
    if version not in _books:
        book = _compiled(active_rule_sets(moment), [*suspensions(), *changed_units(moment)], version)
        _books.clear()
        _books[version] = book
    return _books[version]


def book_for_release(at: datetime) -> RuleBook:
    """The book to release by; until the transaction ends nobody suspends or activates anything.

    So nothing is released by rules after a suspension's commit: it waits for the batches that began before.
    """
    sql_files.fetch_value(SQL, "hold_rules")
    return current_book(at)


def inherited_digest(laboratory_id: int | None, at: datetime) -> str:
    """The digest of the network's text that a laboratory's set stands upon; "" for the network's own."""
    network = version_in_force(None, at) if laboratory_id is not None else None
    return network.digest if network else ""


def check_text(text: str, laboratory: Site | None, *, at: datetime, network: str | None = None) -> Checked:
    """The rules of a text as they would hold in the network or a laboratory, and every problem it has.

    A laboratory's is joined with the network's text, the one in force unless given.
    """
    types = catalogue_types()
    read = read_rule_set(text, types, convert)
    own = read.rule_set
    if own is None:
        return Checked((), read.problems)
    scope = laboratory.code if laboratory else "network"
    if own.code != scope:
        return Checked((), (problem("", "rule_set.code", "choice", value=own.code, expected=scope),))
    if laboratory is None:
        return _with_cases(Checked(own.rules, (), own), types)
    beneath = version_in_force(None, at) if network is None else None
    below = read_rule_set(network or (beneath.text if beneath else ""), types, convert).rule_set
    if below is None:
        return Checked((), (problem("", "rule_set.parent", "no_network"),), own)
    joined = effective(below, own)
    return _with_cases(Checked(joined.rules, joined.problems, own, joined.provenance), types)


def untried_rules(version: RuleSetVersion, at: datetime) -> dict[str, list[str]]:
    """The rules that this version itself states and that lack a case of their own: code, what is missing.

    What is missing is "fires", "passes" or both. A laboratory's set answers only for where it departs from
    the network's, whose own cases tried the rest.
    """
    checked = check_text(version.text, version.laboratory, at=at)
    return uncovered(checked.stated, checked.cases)


def _with_cases(checked: Checked, types: Mapping[str, TestType]) -> Checked:
    assert checked.rule_set is not None
    cases, problems = read_cases(checked.rule_set.beside["case"], checked.rules, types)
    return replace(checked, cases=tuple(cases), problems=(*checked.problems, *problems))


def catalogue_types() -> dict[str, TestType]:
    """The catalogue's tests by code, as expressions are typed against them."""
    rows = Test.objects.values_list("code", "scale", "unit", "decimals", "grades")
    return {
        code: TestType(code, scale, unit, decimals, read_grades(grades))
        for code, scale, unit, decimals, grades in rows
    }


def catalogue_facts() -> list[TestFacts]:
    """What the catalogue says of every test."""
    intervals: dict[int, tuple[Reference, ...]] = {}
    for row in ReferenceInterval.objects.order_by("id"):
        intervals[row.test_id] = (*intervals.get(row.test_id, ()), _reference(row))
    return [_facts(test, intervals.get(test.pk, ())) for test in Test.objects.order_by("id")]


def _compiled(sets: Sequence[ActiveSet], suspended: Sequence[Suspension], version: str) -> RuleBook:
    types = catalogue_types()
    rules, policies = effective_rules(sets, types), effective_policies(sets, types)
    sites = dict(Site.objects.values_list("id", "code"))
    return compile_book(
        catalogue_facts(), rules, sites=sites, suspensions=suspended, policies=policies, version=version
    )


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


def effective_policies(
    sets: Sequence[ActiveSet], types: Mapping[str, TestType]
) -> dict[int | None, Sequence[CriticalPolicy]]:
    """Who is told of critical values, by laboratory id (None: network); a hub's replaces one of its code."""
    read = {laboratory: read_policies(text, types) for laboratory, text, _version in sets}
    network = {one.code: one for one in read.get(None, ())}
    return {
        laboratory: tuple((network | {one.code: one for one in own}).values())
        for laboratory, own in read.items()
    }


def correction_policy_of(laboratory_id: int, at: datetime) -> CorrectionPolicy:
    """Until when corrections of a laboratory must be acknowledged: as its set says, or the network's."""
    said = {one.laboratory_id: corrections_in(one.text) for one in versions_in_force(at)}
    return said.get(laboratory_id) or said.get(None) or UNSTATED


def _usable(text: str, version: str, types: Mapping[str, TestType]) -> RuleSet | None:
    read = read_rule_set(text, types, convert)
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
        grades=read_grades(test.grades),
        intervals=intervals,
    )

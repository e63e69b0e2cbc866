"""From the text of a rule set to checked rules: every mistake at once, each with rule, key and remedy."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, get_args

from aliquot.flow.verification.rules.correction_policy import CorrectionPolicy
from aliquot.flow.verification.rules.critical_policy import CriticalPolicy
from aliquot.flow.verification.rules.document.bodies import BODIES, NUMERIC
from aliquot.flow.verification.rules.document.correction_policies import read_corrections
from aliquot.flow.verification.rules.document.critical_policies import read_policy
from aliquot.flow.verification.rules.document.fields import Fields
from aliquot.flow.verification.rules.document.problems import Problem, nearest, problem
from aliquot.flow.verification.rules.document.validation import contradictions
from aliquot.flow.verification.rules.expressions.checking import Convert
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.population import EVERYBODY, Population
from aliquot.flow.verification.rules.shapes import EVERY_TEST, Rule

DeviationAction = Literal["replace", "remove", "add"]
ACTIONS: tuple[DeviationAction, ...] = get_args(DeviationAction)
NETWORK = "network"
POLICY = "critical_policy"
BESIDE_RULES = ("case", POLICY)
"""Tables of the same text that others read: cases a set must pass, and who is told of critical values."""
QUANTITATIVE = "Qn"


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where a hub's set departs from the network's, and why; `new` is None for what is removed."""

    action: DeviationAction
    rule: str
    reason: str
    new: Rule | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A checked rule set. `beside` are the tables of the text that are no rules, as they stand."""

    code: str
    parent: str
    title_en: str
    title_ru: str
    source: str
    rules: tuple[Rule, ...]
    deviations: tuple[Deviation, ...]
    beside: Mapping[str, Sequence[Mapping[str, Any]]]
    policies: tuple[CriticalPolicy, ...] = ()
    corrections: CorrectionPolicy | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a text holds: a rule set, or every problem it has."""

    rule_set: RuleSet | None
    problems: tuple[Problem, ...]


def read_rule_set(text: str, catalogue: Mapping[str, TestType], convert: Convert | None = None) -> Read:
    """The rule set of a text (TOML), checked against the catalogue's tests by code; or all its problems.

    `convert(value, unit, wanted)` turns literals of expressions into the units of the tests; without it only
    powers of ten are known.

    A problem names the rule, the key, the line of the rule's code and, in an expression, the character.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        said = problem("", "", "toml", message=error)
        return Read(None, (replace(said, line=int(found[1]) if found else None),))
    problems: list[Problem] = []
    rule_set = _set(table, catalogue, problems, convert)
    if problems:
        lines = _lines(text)
        return Read(None, tuple(replace(one, line=lines.get(one.rule)) for one in problems))
    return Read(rule_set, ())


def read_policies(text: str, catalogue: Mapping[str, TestType]) -> tuple[CriticalPolicy, ...]:
    """Only the policies of critical values of a text; none when they, or the text, cannot be used."""
    try:
        tables = tomllib.loads(text, parse_float=Decimal).get(POLICY, [])
    except tomllib.TOMLDecodeError:
        return ()
    problems: list[Problem] = []
    policies = tuple(_policy(one, catalogue, problems) for one in tables)
    return () if problems else policies


def _set(
    table: Mapping[str, Any],
    catalogue: Mapping[str, TestType],
    problems: list[Problem],
    convert: Convert | None,
) -> RuleSet:
    whole = Fields(table, "", problems)
    head = whole.inner("rule_set")
    if not whole.has("rule_set"):
        whole.note("rule_set", "missing")
    code, parent = head.text("code"), head.text("parent", "")
    title_en, title_ru, source = head.text("title_en"), head.text("title_ru"), head.text("source")
    head.close()
    rules = [_rule(one, catalogue, problems, convert) for one in whole.tables("rule")]
    deviations = [_deviation(one, catalogue, problems, convert) for one in whole.tables("deviation")]
    if deviations and parent != NETWORK:
        whole.note("deviation", "deviation_parent")
    beside = {key: whole.tables(key) for key in BESIDE_RULES}
    policies = [_policy(one, catalogue, problems) for one in beside[POLICY]]
    told = read_corrections(whole)
    whole.close()
    kept = [rule for rule in rules if rule is not None]
    _note_duplicates([*(rule.code for rule in kept), *(one.code for one in policies)], problems)
    problems += contradictions(kept)
    said = [one for one in deviations if one is not None]
    return RuleSet(
        code, parent, title_en, title_ru, source, tuple(kept), tuple(said), beside, tuple(policies), told
    )


def _policy(
    table: Mapping[str, Any], catalogue: Mapping[str, TestType], problems: list[Problem]
) -> CriticalPolicy:
    asked = Fields(table, str(table.get("code", "")), problems, f"{POLICY}.")
    return read_policy(table, catalogue, problems, _population(asked))


def _note_duplicates(codes: Sequence[str], problems: list[Problem]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            problems.append(problem(code, "code", "duplicate", value=code))
        seen.add(code)


def _deviation(
    table: Mapping[str, Any],
    catalogue: Mapping[str, TestType],
    problems: list[Problem],
    convert: Convert | None,
) -> Deviation | None:
    name = table.get("rule", "")
    fields = Fields(table, str(name), problems, "deviation.")
    action = fields.choice("action", ACTIONS, "replace")
    if not fields.has("action"):
        fields.note("action", "missing")
    reason = fields.text("reason")
    code = fields.text("rule", "" if action == "add" else None)
    new = None
    if action == "remove":
        if fields.has("new"):
            fields.note("new", "unknown_key", nearest="")
    elif not fields.has("new"):
        fields.note("new", "missing")
    else:
        new = _rule(fields.inner("new").all(), catalogue, problems, convert)
    if action == "replace" and new is not None and new.code != code:
        fields.note("new.code", "deviation_rename", expected=code, value=new.code)
    fields.close(("new",))
    return Deviation(action, code or (new.code if new else ""), reason, new)


def _rule(
    table: Mapping[str, Any],
    catalogue: Mapping[str, TestType],
    problems: list[Problem],
    convert: Convert | None,
) -> Rule | None:
    """One rule; None when it cannot be used, and then at least one problem was noted."""
    fields = Fields(table, str(table.get("code", "")), problems, convert=convert)
    code, kind, source = fields.text("code"), fields.text("kind"), fields.text("source")
    population = _population(fields)
    tests = _tests(fields, catalogue, kind)
    if kind not in BODIES:
        if kind:
            facts = {"value": kind, "nearest": nearest(kind, set(BODIES)), "expected": ", ".join(BODIES)}
            fields.note("kind", "kind", **facts)
        return None
    _check_unit(fields, tests, catalogue)
    body = BODIES[kind](fields, code, catalogue)
    fields.close()
    return None if body is None else Rule(code, kind, tests, source, body, population)


def _tests(fields: Fields, catalogue: Mapping[str, TestType], kind: str) -> tuple[str, ...]:
    """The codes of a rule's tests, or "*"; numbers are asked only of numeric tests."""
    if fields.table.get("tests") == EVERY_TEST or (kind == "exclusion" and not fields.has("tests")):
        fields.text("tests", "")
        return (EVERY_TEST,)
    tests = tuple(dict.fromkeys(fields.words("tests")))
    if not tests:
        fields.note("tests", "missing")
    for code in tests:
        if code == EVERY_TEST:
            fields.note("tests", "type", expected='tests = "*"', value='["*"]')
        elif code not in catalogue:
            fields.note("tests", "unknown_test", value=code, nearest=nearest(code, set(catalogue)))
        elif kind in NUMERIC and catalogue[code].scale != QUANTITATIVE:
            fields.note("tests", "not_quantitative", value=code)
    return tests


def _check_unit(fields: Fields, tests: Sequence[str], catalogue: Mapping[str, TestType]) -> None:
    """A unit that a rule states is the one in which each of its tests is reported."""
    if not fields.has("unit"):
        return
    unit = fields.text("unit")
    for code in tests:
        if code in catalogue and catalogue[code].unit != unit:
            fields.note("unit", "unit", value=code, expected=catalogue[code].unit or "1", unit=unit)


def _population(fields: Fields) -> Population:
    if not fields.has("population"):
        return EVERYBODY
    asked = fields.inner("population")
    low, high = asked.age("age_from"), asked.age("age_to")
    if (low is not None and high is not None and low >= high) or high == 0:
        asked.note("age_from", "ages_impossible", low=f"{low or 0} d", high=f"{high} d")
    sex = asked.choice("sex", ("F", "M", "U", ""), "")
    population = Population(
        sex=sex,
        age_from_days=low,
        age_to_days=high,
        wards=asked.words("wards"),
        sites=asked.words("sites"),
        diagnoses=asked.words("diagnoses"),
        is_pregnant=asked.maybe_flag("pregnant"),
        urgency=asked.choice("urgency", ("S", "R", ""), ""),
    )
    asked.close()
    if population == EVERYBODY:
        fields.note("population", "missing")
    return population


def _lines(text: str) -> dict[str, int]:
    """The line on which each rule states its code, from 1; a deviation where it names its rule."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"""\s*(?:code|rule)\s*=\s*["']([^"']*)["']""", line)
        if match:
            found.setdefault(match[1], number)
    return found

"""The [[critical_policy]] tables of a rule set: read and checked like its rules."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from aliquot.flow.verification.rules.critical_policy import (
    ANYWHERE,
    WHOM,
    CriticalPolicy,
    Place,
    Repeat,
    Rung,
)
from aliquot.flow.verification.rules.document.fields import Fields
from aliquot.flow.verification.rules.document.problems import Problem, nearest
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.population import Population
from aliquot.flow.verification.rules.shapes import EVERY_TEST

SITE_KINDS = ("collection_point", "rapid_laboratory", "hub")


def read_policy(
    table: Mapping[str, Any],
    catalogue: Mapping[str, TestType],
    problems: list[Problem],
    population: Population,
) -> CriticalPolicy:
    """The policy of one table; what is wrong with it is noted. `population` was read from the same table."""
    fields = Fields(table, str(table.get("code", "")), problems, "critical_policy.")
    policy = CriticalPolicy(
        code=fields.text("code"),
        tests=_tests(fields, catalogue),
        source=fields.text("source"),
        tell_minutes=fields.whole("tell_minutes", 1) if fields.has("tell_minutes") else None,
        acknowledge_minutes=(
            fields.whole("acknowledge_minutes", 1) if fields.has("acknowledge_minutes") else None
        ),
        ladder=_ladder(fields, problems),
        repeat=_repeat(fields),
        population=population,
        place=_place(fields),
    )
    fields.close(("population",))
    _check(fields, policy)
    return policy


def _tests(fields: Fields, catalogue: Mapping[str, TestType]) -> tuple[str, ...]:
    if fields.table.get("tests") == EVERY_TEST:
        fields.text("tests")
        return (EVERY_TEST,)
    tests = fields.words("tests")
    if not tests:
        fields.note("tests", "missing")
    for code in tests:
        if code not in catalogue:
            fields.note("tests", "unknown_test", value=code, nearest=nearest(code, set(catalogue)))
    return tests


def _ladder(fields: Fields, problems: list[Problem]) -> tuple[Rung, ...]:
    rungs = []
    for table in fields.tables("ladder"):
        one = Fields(table, fields.rule, problems, "critical_policy.ladder.")
        whom = one.choice("whom", WHOM, "requester")
        if not one.has("whom"):
            one.note("whom", "missing")
        minutes = one.from_nought("minutes")
        one.close()
        rungs.append(Rung(whom, minutes))
    return tuple(rungs)


def _repeat(fields: Fields) -> Repeat | None:
    if not fields.has("repeat"):
        return None
    asked = fields.inner("repeat")
    hours, change = asked.whole("hours", 1), asked.positive("change_percent")
    if change is None:
        asked.note("change_percent", "missing")
    asked.close()
    return Repeat(hours, change) if change else None


def _place(fields: Fields) -> Place:
    if not fields.has("place"):
        return ANYWHERE
    asked = fields.inner("place")
    kinds = asked.words("kinds")
    for kind in kinds:
        if kind not in SITE_KINDS:
            asked.note("kinds", "choice", value=kind, expected=", ".join(SITE_KINDS))
    place = Place(asked.words("sites"), kinds, asked.maybe_flag("inpatient"))
    asked.close()
    if place == ANYWHERE:
        fields.note("place", "missing")
    return place


def _check(fields: Fields, policy: CriticalPolicy) -> None:
    """A ladder climbs from the moment of the decision, rises, names each once, and somebody is telephoned."""
    stated = (policy.tell_minutes, policy.acknowledge_minutes, policy.repeat)
    if not policy.ladder and not any(stated):
        fields.note("tell_minutes", "missing")
    if not policy.ladder:
        return
    if policy.ladder[0].minutes != 0:
        fields.note("ladder", "ladder_start", value=policy.ladder[0].minutes)
    for one, other in pairwise(policy.ladder):
        if other.minutes < one.minutes:
            fields.note("ladder", "ladder_order", low=one.minutes, high=other.minutes)
    whom = [rung.whom for rung in policy.ladder]
    if set(whom) == {"app"}:
        fields.note("ladder", "ladder_phone")
    for name in sorted({name for name in whom if whom.count(name) > 1}):
        fields.note("ladder", "ladder_twice", value=name)
    _check_app(fields, policy, whom)


def _check_app(fields: Fields, policy: CriticalPolicy, whom: Sequence[str]) -> None:
    """What is shown in the application comes first, and is followed by a telephone within its time."""
    if "app" not in whom:
        return
    if whom[0] != "app" or policy.acknowledge_minutes is None:
        fields.note("ladder", "ladder_app")
    elif len(whom) > 1 and policy.ladder[1].minutes > policy.acknowledge_minutes:
        late = policy.ladder[1].minutes
        fields.note("ladder", "ladder_late", value=late, limit=policy.acknowledge_minutes)

"""From the rules that cover a test and a patient to the one plan that holds.

Of limits and delta the most specific rule wins, limit by limit, and so it does flag by flag; all other rules
apply together. What a limits rule does not say is taken from the next less specific one, down to the
catalogue.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal, TypeVar

from aliquot.flow.verification.rules.facts import Interval, TestFacts
from aliquot.flow.verification.rules.plan import NO_BOUND, Bound, FlagRule, Plan, Suspension
from aliquot.flow.verification.rules.shapes import (
    Comment,
    Consistency,
    Delta,
    Exclusion,
    FlagAction,
    Flags,
    Indices,
    Limits,
    MeasuringRange,
    Quality,
    Reflex,
    Rerun,
    Rule,
    Span,
    Swap,
)

Part = Literal["autoverification", "critical", "absurd"]
PARTS: tuple[Part, ...] = ("autoverification", "critical", "absurd")
STRICTEST_LAST: tuple[FlagAction, ...] = ("ignore", "comment", "rerun", "hold", "suppress")
Kind = TypeVar("Kind")


def resolve(
    facts: TestFacts,
    interval: Interval,
    rules: Sequence[Rule],
    suspensions: tuple[Suspension, ...] = (),
    *,
    is_set_active: bool = True,
) -> Plan:
    """The plan of these rules, all of which cover the test and the patient.

    Without a limits rule nothing is released; the catalogue's limits then still tell what is critical.
    """
    ordered = sorted(rules, key=lambda rule: rule.rank, reverse=True)
    limits = [(rule, _limits(rule.body, facts)) for rule in ordered if isinstance(rule.body, Limits)]
    bounds = {part: _bound(part, limits) for part in PARTS}
    if not limits:
        missing = "no_rule" if is_set_active else "no_rule_set"
        fallback = _catalogue_limits("", facts)
        bounds = {part: _as_bound(getattr(fallback, part), "") for part in PARTS}
    deltas = [rule for rule in ordered if isinstance(rule.body, Delta)]
    return Plan(
        facts=facts,
        interval=interval,
        without_rule="" if limits else missing,
        contradicting=_contradicting(limits) or _contradicting_deltas(deltas),
        autoverification=bounds["autoverification"],
        critical=bounds["critical"],
        absurd=bounds["absurd"],
        delta=_delta(deltas, facts),
        quality=_all(Quality, ordered),
        flags=_flags(ordered),
        ranges=_all(MeasuringRange, ordered),
        indices=_all(Indices, ordered),
        swaps=_all(Swap, ordered),
        consistencies=_all(Consistency, ordered),
        exclusions=_all(Exclusion, ordered),
        reruns=_all(Rerun, ordered),
        reflexes=_all(Reflex, ordered),
        comments=_all(Comment, ordered),
        suspensions=suspensions,
    )


def _all(kind: type[Kind], rules: Iterable[Rule]) -> tuple[Kind, ...]:
    return tuple(rule.body for rule in rules if isinstance(rule.body, kind))


def _limits(body: Limits, facts: TestFacts) -> Limits:
    return _catalogue_limits(body.code, facts) if body.is_from_catalogue else body


def _catalogue_limits(code: str, facts: TestFacts) -> Limits:
    critical = Span(facts.critical_low, facts.critical_high)
    return Limits(code, critical=critical, absurd=Span(facts.technical_low, facts.technical_high))


def _bound(part: Part, limits: Sequence[tuple[Rule, Limits]]) -> Bound:
    """The span of the most specific rule that states one."""
    for _, body in limits:
        if getattr(body, part) is not None:
            return _as_bound(getattr(body, part), body.code)
    return NO_BOUND


def _as_bound(span: Span | None, code: str) -> Bound:
    return Bound(span.low, span.high, code) if span is not None else NO_BOUND


def _contradicting(limits: Sequence[tuple[Rule, Limits]]) -> tuple[str, ...]:
    """Codes of limits rules that are equally specific and state one part differently."""
    for part in PARTS:
        stated = [(rule.rank, getattr(body, part), rule.code) for rule, body in limits]
        stated = [one for one in stated if one[1] is not None]
        top = [one for one in stated if one[0] == stated[0][0]]
        if len({span for _, span, _ in top}) > 1:
            return tuple(sorted(code for _, _, code in top))
    return ()


def _contradicting_deltas(deltas: Sequence[Rule]) -> tuple[str, ...]:
    top = [rule for rule in deltas if rule.rank == deltas[0].rank]
    return tuple(sorted(rule.code for rule in top)) if len(top) > 1 else ()


def _delta(deltas: Sequence[Rule], facts: TestFacts) -> Delta | None:
    if not deltas:
        return None
    body = deltas[0].body
    assert isinstance(body, Delta)
    if not body.is_from_catalogue:
        return body
    if facts.delta_percent is None or facts.delta_days is None:
        return None
    return Delta(
        body.code,
        limit_up=facts.delta_percent,
        limit_down=facts.delta_percent,
        window=timedelta(days=facts.delta_days),
    )


def _flags(ordered: Sequence[Rule]) -> dict[str, FlagRule]:
    """What each flag brings: by the most specific rule that names it, of several such the strictest."""
    said = [
        (rule.rank, STRICTEST_LAST.index(action), flag, rule.body)
        for rule in reversed(ordered)
        if isinstance(rule.body, Flags)
        for flag, action in rule.body.on.items()
    ]
    found: dict[str, FlagRule] = {}
    for _, place, flag, body in sorted(said, key=lambda one: one[:2]):
        found[flag] = FlagRule(STRICTEST_LAST[place], body.code, body.most, body.text_en, body.text_ru)
    return found

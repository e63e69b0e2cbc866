"""What holds in a hub: the network's rules with the hub's deviations, each with its reason."""

from dataclasses import dataclass
from typing import Literal

from aliquot.flow.verification.rules.document.problems import Problem, nearest, problem
from aliquot.flow.verification.rules.document.reading import Deviation, RuleSet
from aliquot.flow.verification.rules.document.validation import contradictions
from aliquot.flow.verification.rules.shapes import Rule

Origin = Literal["inherited", "replaced", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a rule comes from: inherited, or a deviation with its reason; `inherited` is what it replaced."""

    code: str
    origin: Origin
    reason: str = ""
    inherited: Rule | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """The rules that hold, where each comes from (removed ones too), what is wrong with the deviations."""

    rules: tuple[Rule, ...]
    provenance: tuple[Provenance, ...]
    problems: tuple[Problem, ...] = ()


def effective(network: RuleSet, hub: RuleSet | None = None) -> Effective:
    """The rules of a hub: the network's, replaced, without those removed, with those added.

    Rules that the hub's set states as such count as added, without a reason. Problems name deviations from a
    rule that the network has not, or that contradict what is inherited; then nothing should be compiled.
    """
    rules = {rule.code: rule for rule in network.rules}
    said = {code: Provenance(code, "inherited") for code in rules}
    problems: list[Problem] = []
    seen: set[str] = set()
    for deviation in hub.deviations if hub else ():
        if deviation.rule in seen:
            problems.append(problem(deviation.rule, "deviation", "deviation_twice", value=deviation.rule))
            continue
        seen.add(deviation.rule)
        _apply(deviation, rules, said, problems)
    for rule in hub.rules if hub else ():
        _add(rule, "", rules, said, problems)
    kept = tuple(rules.values())
    problems += contradictions(kept)
    return Effective(kept, tuple(said.values()), tuple(problems))


def _apply(
    deviation: Deviation,
    rules: dict[str, Rule],
    said: dict[str, Provenance],
    problems: list[Problem],
) -> None:
    code, reason = deviation.rule, deviation.reason
    if deviation.action == "add":
        assert deviation.new is not None
        _add(deviation.new, reason, rules, said, problems)
    elif code not in rules:
        problems.append(problem(code, "rule", "deviation_code", value=code, nearest=nearest(code, rules)))
    elif deviation.new is not None:
        said[code] = Provenance(code, "replaced", reason, rules[code])
        rules[code] = deviation.new
    else:
        said[code] = Provenance(code, "removed", reason, rules.pop(code))


def _add(
    rule: Rule,
    reason: str,
    rules: dict[str, Rule],
    said: dict[str, Provenance],
    problems: list[Problem],
) -> None:
    if rule.code in rules:
        problems.append(problem(rule.code, "code", "duplicate", value=rule.code))
        return
    rules[rule.code] = rule
    said[rule.code] = Provenance(rule.code, "added", reason)

"""Whether the rules of a set can stand beside each other."""

from collections.abc import Sequence
from itertools import combinations

from aliquot.flow.verification.rules.document.problems import Problem, problem
from aliquot.flow.verification.rules.shapes import Delta, Limits, Rule

PARTS = ("autoverification", "critical", "absurd")


def contradictions(rules: Sequence[Rule]) -> list[Problem]:
    """Pairs of limits or delta rules, equally specific for one patient and test, that say otherwise."""
    found = []
    for kind in (Limits, Delta):
        alike: dict[tuple[object, str], list[Rule]] = {}
        for rule in rules:
            if isinstance(rule.body, kind):
                for code in rule.tests:
                    alike.setdefault((rule.rank, code), []).append(rule)
        pairs: dict[tuple[str, str], list[str]] = {}
        for (_, code), group in alike.items():
            for one, other in combinations(group, 2):
                if one.population.meets(other.population) and differ(one, other):
                    pairs.setdefault((one.code, other.code), []).append(code)
        found += [
            problem(later, "population", "equally_specific", value=earlier, tests=", ".join(tests))
            for (earlier, later), tests in pairs.items()
        ]
    return found


def differ(one: Rule, other: Rule) -> bool:
    """Whether two rules of a kind state something differently: limits part by part, a delta as a whole."""
    if isinstance(one.body, Limits) and isinstance(other.body, Limits):
        stated = [(getattr(one.body, part), getattr(other.body, part)) for part in PARTS]
        return any(a is not None and b is not None and a != b for a, b in stated)
    return True

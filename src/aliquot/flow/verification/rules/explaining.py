"""Which rules apply to one test and one patient, whence each comes, and which are overruled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aliquot.flow.verification.rules.document import Provenance
from aliquot.flow.verification.rules.population import Patient
from aliquot.flow.verification.rules.shapes import EVERY_TEST, Delta, Limits, Rule

PARTS = ("autoverification", "critical", "absurd")


@dataclass(frozen=True, slots=True)
class Applied:
    """A rule that covers the test and the patient; `overruled` says by which rule, or what part of it."""

    rule: Rule
    origin: str
    reason: str
    overruled: str = ""


def applying(
    rules: Iterable[Rule], provenance: Iterable[Provenance], test: str, patient: Patient
) -> list[Applied]:
    """The rules of this test and patient, by kind, the most specific first.

    Of the limits each part, of the deltas the whole is taken from the most specific rule that states it.
    """
    said = {one.code: one for one in provenance}
    covering = [
        rule for rule in rules if {test, EVERY_TEST} & set(rule.tests) and rule.population.covers(patient)
    ]
    ordered = sorted(covering, key=lambda rule: rule.rank, reverse=True)
    found = []
    for rule in sorted(ordered, key=lambda rule: rule.kind):
        whence = said.get(rule.code, Provenance(rule.code, "inherited"))
        found.append(Applied(rule, whence.origin, whence.reason, _overruled(rule, ordered)))
    return found


def _overruled(rule: Rule, ordered: Sequence[Rule]) -> str:
    """The more specific rule that says all this one says; "" when something of it still holds."""
    if isinstance(rule.body, Delta):
        first = next(one for one in ordered if isinstance(one.body, Delta))
        return "" if first is rule else first.code
    if not isinstance(rule.body, Limits):
        return ""
    before = [one for one in ordered[: ordered.index(rule)] if isinstance(one.body, Limits)]
    stated = {part for part in PARTS if _states(rule, part)}
    by = [one.code for one in before if stated & {part for part in PARTS if _states(one, part)}]
    taken = {part for one in before for part in PARTS if _states(one, part)}
    return ", ".join(by) if stated and stated <= taken else ""


def _states(rule: Rule, part: str) -> bool:
    assert isinstance(rule.body, Limits)
    if rule.body.is_from_catalogue:
        return part != "autoverification"
    return getattr(rule.body, part) is not None

"""The book a process decides by, and its bounded memory of which plan holds for whom."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from aliquot.flow.verification.rules.book.resolving import resolve
from aliquot.flow.verification.rules.critical_policy import CriticalPolicy, Handling, handling_of
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.expressions.reading import folded
from aliquot.flow.verification.rules.facts import TestFacts, interval_of
from aliquot.flow.verification.rules.plan import Plan, Suspension
from aliquot.flow.verification.rules.population import OLDEST_DAYS, Patient, folded_words
from aliquot.flow.verification.rules.shapes import (
    EVERY_TEST,
    Comment,
    Consistency,
    Delta,
    Reflex,
    Rerun,
    Rule,
    Swap,
)

OF_THE_INTERVAL = re.compile(r"\b(?:flag|low|high)\(")
Conditional = Comment | Consistency | Reflex | Rerun
MOST_PLANS = 512
"""Plans kept of one test of one laboratory; past it they are worked out anew."""


class CompiledTest:
    """The rules of one test in one laboratory, and the plans already worked out by population."""

    __slots__ = (
        "_ages",
        "_asks_more",
        "_diagnoses",
        "_is_set_active",
        "_plans",
        "_site",
        "_suspensions",
        "_wards",
        "facts",
        "rules",
    )

    def __init__(
        self,
        facts: TestFacts,
        rules: Sequence[Rule],
        site: str,
        suspensions: tuple[Suspension, ...],
        *,
        is_set_active: bool,
    ) -> None:
        self.facts, self.rules, self._site = facts, tuple(rules), site
        self._suspensions, self._is_set_active = suspensions, is_set_active
        asked = [rule.population for rule in rules]
        ages = {0, OLDEST_DAYS}
        ages |= {age for one in asked for age in (one.age_from_days, one.age_to_days) if age is not None}
        ages |= {age for one in facts.intervals for age in (one.age_from_days, one.age_to_days)}
        self._ages = sorted(ages)
        self._wards = {ward for one in asked for ward in folded_words(one.wards)}
        self._diagnoses = sorted({beginning for one in asked for beginning in folded_words(one.diagnoses)})
        self._asks_more = any(
            one.wards or one.diagnoses or one.urgency or one.is_pregnant is not None for one in asked
        )
        self._plans: dict[object, Plan] = {}

    def plan_for(self, evidence: Evidence) -> Plan:
        """The plan of this patient, worked out once for all whom no rule tells apart."""
        age = evidence.age_days
        stage = -1 if age is None else bisect_right(self._ages, age)
        key = (stage, evidence.sex, self._further(evidence) if self._asks_more else None)
        found = self._plans.get(key)
        return self._worked_out(key, evidence) if found is None else found

    def _further(self, evidence: Evidence) -> object:
        """Only what the rules ask of ward, diagnosis, pregnancy and urgency: it keeps the key small."""
        ward, diagnosis = folded(evidence.ward), folded(evidence.diagnosis)
        begins = tuple(one for one in self._diagnoses if diagnosis.startswith(one))
        return (ward if ward in self._wards else "", begins, evidence.is_pregnant, evidence.urgency)

    def _worked_out(self, key: object, evidence: Evidence) -> Plan:
        patient = patient_of(evidence, self._site)
        rules = [rule for rule in self.rules if rule.population.covers(patient)]
        interval = interval_of(self.facts.intervals, evidence.sex, evidence.age_days)
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        plan = resolve(self.facts, interval, rules, self._suspensions, is_set_active=self._is_set_active)
        self._plans[key] = plan
        return plan


def patient_of(evidence: Evidence, site: str) -> Patient:
    """What a population asks about this result's patient; `site` is the laboratory's code."""
    return Patient(
        sex=evidence.sex,
        age_days=evidence.age_days,
        ward=evidence.ward,
        site=site,
        diagnosis=evidence.diagnosis,
        is_pregnant=evidence.is_pregnant,
        urgency=evidence.urgency,
    )


class RuleBook:
    """What every decision of a process goes by, until `version` changes.

    `tests` are the catalogue's facts by test id, compiled with their rules when first asked for.
    `longest_window_days` is how far back its rules compare; `asks_for_flags` whether any expression reads the
    flag or the interval of a value.
    """

    def __init__(
        self,
        tests: Mapping[int, TestFacts],
        rules: Mapping[int | None, Sequence[Rule]],
        *,
        sites: Mapping[int, str] | None = None,
        suspensions: Sequence[Suspension] = (),
        policies: Mapping[int | None, Sequence[CriticalPolicy]] | None = None,
        version: str = "",
    ) -> None:
        self.tests, self.version, self._policies = tests, version, policies or {}
        self._rules, self._sites, self._suspensions = rules, sites or {}, tuple(suspensions)
        self._by_test = {key: _by_test(one) for key, one in rules.items()}
        self._compiled: dict[tuple[int, int], CompiledTest] = {}
        bodies = [rule.body for one in rules.values() for rule in one]
        windows = [body.window.days for body in bodies if isinstance(body, Delta | Swap)]
        self.longest_window_days = max(windows, default=0)
        asked = [body.when.text for body in bodies if isinstance(body, Conditional)]
        self.asks_for_flags = any(OF_THE_INTERVAL.search(text) for text in asked)

    def plan_for(self, evidence: Evidence) -> Plan | None:
        """The plan of a result's test, laboratory and patient; None for a test the book does not know."""
        compiled = self._compiled.get((evidence.laboratory_id, evidence.test_id))
        if compiled is None:
            compiled = self.compiled(evidence.laboratory_id, evidence.test_id)
        return None if compiled is None else compiled.plan_for(evidence)

    def compiled(self, laboratory_id: int, test_id: int) -> CompiledTest | None:
        """The rules of a test as this laboratory has them: its own set's, else the network's."""
        facts = self.tests.get(test_id)
        if facts is None:
            return None
        key = laboratory_id if laboratory_id in self._rules else None
        named = self._by_test.get(key, {})
        found = CompiledTest(
            facts,
            [*named.get(facts.code, ()), *named.get(EVERY_TEST, ())],
            self._sites.get(laboratory_id, ""),
            tuple(one for one in self._suspensions if one.test_id in (None, test_id)),
            is_set_active=key in self._rules,
        )
        self._compiled[(laboratory_id, test_id)] = found
        return found

    def handling_for(self, evidence: Evidence, *, site: str, kind: str) -> Handling:
        """What is to be done when this value is critical; `site` and `kind` are of the site that ordered."""
        patient = patient_of(evidence, self._sites.get(evidence.laboratory_id, ""))
        policies = self._policies.get(evidence.laboratory_id, self._policies.get(None, ()))
        facts = self.tests.get(evidence.test_id)
        test = facts.code if facts else ""
        return handling_of(policies, test, patient, site=site, kind=kind, is_inpatient=evidence.is_inpatient)

    def rules_of(self, laboratory_id: int | None) -> Sequence[Rule]:
        """The effective rules of a laboratory."""
        return self._rules.get(laboratory_id, self._rules.get(None, ()))


def compile_book(
    tests: Iterable[TestFacts],
    rules: Mapping[int | None, Sequence[Rule]],
    *,
    sites: Mapping[int, str] | None = None,
    suspensions: Sequence[Suspension] = (),
    policies: Mapping[int | None, Sequence[CriticalPolicy]] | None = None,
    version: str = "",
) -> RuleBook:
    """The book of these tests, of the effective rules by laboratory id (None: the network's) and suspensions.

    `sites` are the laboratories' codes by id, for rules of single sites; `policies` say who is told of
    critical values, by laboratory id as the rules. Without any rules all results wait.
    """
    facts = {one.test_id: one for one in tests}
    return RuleBook(facts, rules, sites=sites, suspensions=suspensions, policies=policies, version=version)


def _by_test(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for code in rule.tests:
            found.setdefault(code, []).append(rule)
    return found

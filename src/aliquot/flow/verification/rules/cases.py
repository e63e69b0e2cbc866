"""The cases a rule set brings with it: made-up results, each of which its rule must hold up or let pass.

Source: ISO 15189:2022, 7.6.3, and CLSI AUTO15: each rule is tried with results that pass and results that
fail. They are [[case]] tables of the same text, so what is signed holds its own proof.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.decision import Action, Verdict, decide
from aliquot.flow.verification.rules.document.fields import Fields
from aliquot.flow.verification.rules.document.problems import Problem, nearest
from aliquot.flow.verification.rules.evidence import Evidence, QcState, Run, Sibling, Siblings
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.facts import TestFacts
from aliquot.flow.verification.rules.kinds.flags import RELEASING
from aliquot.flow.verification.rules.kinds.limits import flag_and_reasons
from aliquot.flow.verification.rules.rounding import read_entry
from aliquot.flow.verification.rules.shapes import Flags, Rule

ACTIONS: tuple[Action, ...] = get_args(Action)
QC_STATES: tuple[QcState, ...] = get_args(QcState)
COLLECTED = datetime(2024, 1, 15, 8, 0, tzinfo=UTC)
"""When the tubes of all cases were drawn; they are spun and measured soon after."""
SPUN, MEASURED = COLLECTED + timedelta(minutes=20), COLLECTED + timedelta(minutes=30)
GROWN_UP = 14_610
"""Days of age of who is not said to be of another: forty years."""


@dataclass(frozen=True, slots=True)
class Case:
    """One made-up result of `test`: does `rule` fire, and what becomes of it ("" when the case does not say).

    `others` are values of the same order by code, `earlier` the patient's last ones, `days` before.
    """

    rule: str
    test: str
    value: str
    fires: bool
    expect: str = ""
    title: str = ""
    sex: str = "F"
    age_days: int | None = GROWN_UP
    ward: str = ""
    diagnosis: str = ""
    is_pregnant: bool | None = None
    urgency: str = "R"
    flags: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    qc: QcState = "no_plan"
    is_calibrated: bool | None = None
    is_reagent_valid: bool | None = None
    dilution: str = ""
    first_run: str = ""
    days: int = 1
    others: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, str] = field(default_factory=dict)
    indices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: whether it passed, what was decided, and why."""

    case: Case
    passed: bool
    verdict: Verdict


def read_cases(
    tables: Iterable[Mapping[str, Any]], rules: Sequence[Rule], catalogue: Mapping[str, TestType]
) -> tuple[list[Case], list[Problem]]:
    """The cases of a rule set and what is wrong with them: unknown rules, tests, keys, a wrong kind."""
    problems: list[Problem] = []
    by_code = {rule.code: rule for rule in rules}
    return [_read(one, by_code, catalogue, problems) for one in tables], problems


def run_cases(
    cases: Sequence[Case],
    rules: Sequence[Rule],
    tests: Iterable[TestFacts],
    *,
    laboratory_id: int = 0,
    site: str = "",
) -> list[Outcome]:
    """Each case decided by these rules, as in service."""
    book = compile_book(tests, {None: rules}, sites={laboratory_id: site})
    by_code = {one.code: one for one in book.tests.values()}
    return [_run(one, book, by_code, laboratory_id) for one in cases]


def uncovered(rules: Iterable[Rule], cases: Iterable[Case]) -> dict[str, list[str]]:
    """The rules without a case in which they fire, or without one in which they do not: what is missing.

    A rule that only says which flags may pass stops nothing: it needs but a case that passes.
    """
    kept = list(cases)
    found: dict[str, list[str]] = {}
    for rule in rules:
        said = {case.fires for case in kept if case.rule == rule.code}
        wanted = (("passes", False),) if _only_lets_pass(rule) else (("fires", True), ("passes", False))
        if missing := [word for word, fires in wanted if fires not in said]:
            found[rule.code] = missing
    return found


def _only_lets_pass(rule: Rule) -> bool:
    return isinstance(rule.body, Flags) and RELEASING.issuperset(rule.body.on.values())


def _read(
    table: Mapping[str, Any],
    rules: Mapping[str, Rule],
    catalogue: Mapping[str, TestType],
    problems: list[Problem],
) -> Case:
    named = table.get("rule", "")
    fields = Fields(table, str(named), problems, "case.")
    code = fields.text("rule")
    if code and code not in rules:
        fields.note("rule", "deviation_code", value=code, nearest=nearest(code, set(rules)))
    test = fields.text("test")
    _known(fields, "test", [test] if test else [], catalogue)
    if not fields.has("fires"):
        fields.note("fires", "missing")
    case = Case(
        rule=code,
        test=test,
        value=fields.text("value"),
        fires=fields.flag("fires", default=True),
        expect=fields.choice("expect", ("", *ACTIONS), ""),
        title=fields.text("title", ""),
        sex=fields.choice("sex", ("F", "M", "U"), "F"),
        age_days=fields.age("age") if fields.has("age") else GROWN_UP,
        ward=fields.text("ward", ""),
        diagnosis=fields.text("diagnosis", ""),
        is_pregnant=fields.maybe_flag("pregnant"),
        urgency=fields.choice("urgency", ("R", "S"), "R"),
        flags=fields.words("flags"),
        conditions=fields.words("conditions"),
        qc=fields.choice("qc", QC_STATES, "no_plan"),
        is_calibrated=fields.maybe_flag("calibrated"),
        is_reagent_valid=fields.maybe_flag("reagent"),
        dilution=fields.text("dilution", ""),
        first_run=fields.text("first_run", ""),
        days=fields.whole("days", 1),
        others=_values(fields, "others", catalogue),
        earlier=_values(fields, "earlier", catalogue),
        indices=_values(fields, "indices", dict.fromkeys("HIL")),
    )
    fields.close()
    return case


def _values(fields: Fields, key: str, known: Mapping[str, object]) -> dict[str, str]:
    below = fields.inner(key)
    _known(below, "", below.all(), known)
    return {code: below.text(code) for code in below.all()}


def _known(fields: Fields, key: str, codes: Iterable[str], known: Mapping[str, object]) -> None:
    for code in codes:
        if code not in known:
            fields.note(key or code, "unknown_test", value=code, nearest=nearest(code, set(known)))


def _run(case: Case, book: RuleBook, tests: Mapping[str, TestFacts], laboratory_id: int) -> Outcome:
    verdict = decide(evidence_of(case, book, tests, laboratory_id), book)
    passed = (case.rule in verdict.rules) == case.fires and case.expect in ("", verdict.action)
    return Outcome(case, passed, verdict)


def evidence_of(
    case: Case, book: RuleBook, tests: Mapping[str, TestFacts], laboratory_id: int = 0
) -> Evidence:
    """The evidence of a case: its own value among the others of the order."""
    values = {**case.others, case.test: case.value}
    alone = {code: _one(case, code, text, tests[code], laboratory_id) for code, text in values.items()}
    siblings = Siblings({code: _sibling(one, book) for code, one in alone.items()})
    seen = replace(alone[case.test], siblings=siblings)
    if not case.first_run:
        return seen
    return replace(seen, is_rerun=not _was_sent_back(case, book, tests, laboratory_id))


def _was_sent_back(case: Case, book: RuleBook, tests: Mapping[str, TestFacts], laboratory_id: int) -> bool:
    """Whether these rules themselves ask for the further run: then it is no surprise."""
    first = replace(case, value=case.first_run, first_run="", flags=(), dilution="")
    return decide(evidence_of(first, book, tests, laboratory_id), book).action == "rerun"


def _one(case: Case, code: str, text: str, facts: TestFacts, laboratory_id: int) -> Evidence:
    entry, before = read_entry(text), read_entry(case.earlier.get(code, ""))
    first = read_entry(case.first_run) if case.first_run and code == case.test else None
    own = code == case.test
    return Evidence(
        result_id=2,
        order_item_id=1,
        order_id=1,
        test_id=facts.test_id,
        laboratory_id=laboratory_id,
        analyzer_id=0,
        value=entry.value,
        value_text=entry.text,
        comparator=entry.comparator,
        unit=facts.unit,
        analyzer_flags=case.flags if own else (),
        measured_at=MEASURED,
        is_manual=False,
        run=2 if first else 1,
        dilution=case.dilution if own else "",
        sex=case.sex,
        age_days=case.age_days,
        ward=case.ward,
        diagnosis=case.diagnosis,
        is_pregnant=case.is_pregnant,
        urgency=case.urgency,
        is_inpatient=bool(case.ward),
        previous_value=before.value,
        previous_collected_at=COLLECTED - timedelta(days=case.days) if before.value is not None else None,
        collected_at=COLLECTED,
        spun_at=SPUN,
        accepted_at=SPUN,
        conditions=case.conditions if own else (),
        qc_state=case.qc,
        is_calibrated=case.is_calibrated,
        is_reagent_valid=case.is_reagent_valid,
        is_suspended=False,
        item_state="open",
        order_state="placed",
        is_rerun=False,
        earlier_runs=(Run(1, first.value, first.comparator, facts.unit, "", "held"),) if first else (),
        indices={
            name: value
            for name, text in case.indices.items()
            if (value := read_entry(text).value) is not None
        },
    )


def _sibling(one: Evidence, book: RuleBook) -> Sibling:
    plan = book.plan_for(one)
    assert plan is not None
    return Sibling(
        value=one.value,
        value_text=one.value_text,
        comparator=one.comparator,
        unit=one.unit,
        flag=flag_and_reasons(one, plan)[0],
        low=plan.interval.low,
        high=plan.interval.high,
        collected_at=one.collected_at,
        previous_value=one.previous_value,
        previous_collected_at=one.previous_collected_at,
    )

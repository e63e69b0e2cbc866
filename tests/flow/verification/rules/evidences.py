"""An unremarkable potassium and the book that releases it, for tests of the rules to change."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from aliquot.flow.verification.rules.book import RuleBook, compile_book
from aliquot.flow.verification.rules.decision import Verdict
from aliquot.flow.verification.rules.decision import decide as decide_by
from aliquot.flow.verification.rules.evidence import Evidence, Sibling, Siblings
from aliquot.flow.verification.rules.expressions.expression import Expression, compile_expression
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.facts import Reference, TestFacts
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.shapes import EVERY_TEST, Body, Delta, Flags, Limits, Rule

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POTASSIUM = Evidence(
    result_id=1,
    order_item_id=2,
    order_id=3,
    test_id=4,
    laboratory_id=5,
    analyzer_id=6,
    value=Decimal("4.2"),
    value_text="4.2",
    comparator="",
    unit="mmol/L",
    analyzer_flags=(),
    measured_at=NOW,
    is_manual=False,
    run=1,
    dilution="",
    sex="F",
    age_days=14_863,
    ward="",
    diagnosis="",
    is_pregnant=None,
    urgency="R",
    is_inpatient=False,
    previous_value=None,
    previous_collected_at=None,
    collected_at=NOW - HOUR,
    spun_at=NOW - HOUR / 2,
    accepted_at=NOW - HOUR / 3,
    conditions=(),
    qc_state="no_plan",
    is_calibrated=None,
    is_reagent_valid=None,
    is_suspended=False,
    item_state="open",
    order_state="placed",
    is_rerun=False,
)
"""An unremarkable potassium: every rule allows it."""
INTERVAL = Reference(Decimal("3.5"), Decimal("5.1"))
FACTS = TestFacts(
    test_id=4,
    code="K",
    unit="mmol/L",
    decimals=1,
    critical_low=Decimal("2.8"),
    critical_high=Decimal("6.2"),
    delta_percent=Decimal(20),
    delta_days=3,
    stable_room_minutes=480,
    unspun_room_minutes=240,
    is_centrifuged=True,
    spoilt_by=("HAEM",),
    intervals=(INTERVAL,),
)
CATALOGUE_LIMITS = Limits("limits", is_from_catalogue=True)
CATALOGUE_DELTA = Delta("delta", is_from_catalogue=True)
OF_THE_TEST = {one.name for one in fields(TestFacts)}
OF_THE_INTERVAL = {"low", "high", "expected_en", "expected_ru"}
TYPES = {
    code: TestType(code, "Qn", unit)
    for code, unit in {"K": "mmol/L", "CA": "mmol/L", "ALP": "U/L", "NA": "mmol/L", "MCV": "fL"}.items()
} | {"HBSAG": TestType("HBSAG", "Ord")}


FLAGS = Flags(
    "f",
    {
        "a": "ignore",
        "b": "comment",
        "c": "hold",
        "d": "rerun",
        "e": "suppress",
        "low": "hold",
        "replayed": "hold",
    },
    text_en="B was seen",
    text_ru="Было B",
)
"""Every action that a flag may ask for."""


def rule(body: Body, *tests: str, **changes: Any) -> Rule:
    """A rule that says this, for all tests unless some are named."""
    return replace(Rule(body.code, type(body).__name__, tests or (EVERY_TEST,), "test", body), **changes)


def facts(**changes: Any) -> TestFacts:
    """The potassium of the catalogue; `has_interval`, `low`, `high` and what is expected change its interval."""
    of_interval = {name: changes.pop(name) for name in OF_THE_INTERVAL & set(changes)}
    interval = replace(INTERVAL, **of_interval)
    intervals: tuple[Reference, ...] = (interval,) if changes.pop("has_interval", True) else ()
    if changes.pop("is_interval_unclear", False):
        intervals += (replace(interval, high=Decimal(6)),)
    return replace(FACTS, **{"intervals": intervals, **changes})


def book(*bodies: Body | Rule, is_active: bool = True, **changes: Any) -> RuleBook:
    """A book of one test with the catalogue's limits and delta and these rules beside them."""
    usual = [rule(CATALOGUE_LIMITS), rule(CATALOGUE_DELTA)]
    rules = [*usual, *(one if isinstance(one, Rule) else rule(one) for one in bodies)]
    return compile_book([facts(**changes)], {None: rules} if is_active else {})


def evidence(**changes: Any) -> Evidence:
    return replace(POTASSIUM, **changes)


def potassium(value: str, **changes: Any) -> Evidence:
    return evidence(value=Decimal(value), value_text=value, **changes)


def case(*bodies: Body | Rule, **changes: Any) -> tuple[Evidence, Plan]:
    """Evidence and plan of one potassium; changes go to where they belong, the catalogue or the result."""
    of_test = {name: changes.pop(name) for name in list(changes) if _is_of_the_test(name)}
    seen = evidence(**changes)
    plan = book(*bodies, **of_test).plan_for(seen)
    assert plan is not None
    return seen, plan


def decided(*bodies: Body | Rule, **changes: Any) -> Verdict:
    """The verdict about one potassium; changes go to where they belong, the catalogue or the result."""
    of_test = {name: changes.pop(name) for name in list(changes) if _is_of_the_test(name)}
    return decide_by(evidence(**changes), book(*bodies, **of_test))


def with_siblings(seen: Evidence, siblings: Iterable[tuple[str, Sibling]]) -> Evidence:
    """The evidence among these values of its order, itself as K."""
    own = Sibling(
        value=seen.value,
        value_text=seen.value_text,
        comparator=seen.comparator,
        unit=seen.unit,
        collected_at=seen.collected_at,
        previous_value=seen.previous_value,
        previous_collected_at=seen.previous_collected_at,
    )
    return replace(seen, siblings=Siblings({"K": own, **dict(siblings)}))


def _is_of_the_test(name: str) -> bool:
    own = {one.name for one in fields(Evidence)}
    extra = {"has_interval", "is_interval_unclear", *OF_THE_INTERVAL}
    return name in (OF_THE_TEST | extra) - own


def D(text: str | int) -> Decimal:  # noqa: N802 - a number as the rules have it
    return Decimal(text)


def when(text: str) -> Expression:
    """A condition over the tests of TYPES."""
    return compile_expression(text, TYPES)


def codes(verdict: Verdict) -> list[str]:
    """Why a result waits."""
    return [one.code for one in verdict.reasons]


def among(seen: Evidence, **values: str) -> Evidence:
    """The evidence among these numbers of its order."""
    units = {code: one.unit for code, one in TYPES.items()}
    others = [(code, Sibling(D(text), text, "", units[code])) for code, text in values.items()]
    return with_siblings(seen, others)

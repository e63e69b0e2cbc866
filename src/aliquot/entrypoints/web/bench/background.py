"""What stands behind a result: its limits, indices, control, age, rules, and the patient's other orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from aliquot.entrypoints.web.bench.pictures import (
    Flag,
    flag_of,
    reason_badges,
    said,
    value_text,
)
from aliquot.entrypoints.web.shell.charts import Bounds, Span
from aliquot.entrypoints.web.shell.wording import duration_text, number_text
from aliquot.flow.instruments.models import SpecimenIndex
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.quality.queries import standing_lately
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import Grounds, open_elsewhere
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.facts import TestFacts
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.shapes import Indices

ELSEWHERE = timedelta(days=31)
USUAL_DILUTIONS = ("2", "5", "10")


@dataclass(frozen=True, slots=True)
class Why:
    """A reason in words, and the rule that gave it with its source; `rule` is "" for what always holds."""

    kind: str
    words: str
    rule: str
    source: str


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One index of the tube: what was found, and from where on it matters for this test."""

    name: str
    found: str
    thresholds: str
    kind: str


@dataclass(frozen=True, slots=True)
class AgeLine:
    """A stretch of the tube's life: minutes spent of those allowed (None: nobody knows how many)."""

    name: str
    spent: float
    allowed: int | None
    words: str

    @property
    def is_over(self) -> bool:
        return self.allowed is not None and self.spent > self.allowed


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another open order of the patient with its tests, as far as they are."""

    number: str
    placed_at: datetime
    tests: list["ElsewhereTest"]


@dataclass(frozen=True, slots=True)
class ElsewhereTest:
    """One test of it; `id` is None while there is no value."""

    id: int | None
    name: str
    text: str
    unit: str
    flag: Flag


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Words that a rule has ready for the report."""

    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Background:
    """All of it for one result."""

    bounds: Bounds | None
    whys: list[Why]
    indices: list[IndexLine]
    ages: list[AgeLine]
    standings: list[ReleaseState]
    elsewhere: list[Elsewhere]
    suggestions: list[Suggestion]
    dilutions: Sequence[str]


def background_of(
    result: Result, grounds: Grounds, indices: Iterable[SpecimenIndex], *, at: datetime
) -> Background:
    """Everything behind this result that is not the result itself."""
    plan, evidence = grounds.plan, grounds.evidence
    return Background(
        bounds=bounds_of(result, plan) if plan else None,
        whys=whys_of(result.reasons, grounds.sources),
        indices=index_lines({one.index: one for one in indices}, plan.indices if plan else ()),
        ages=age_lines(evidence, plan.facts, at=at) if plan and not evidence.is_computed else [],
        standings=standing_lately(result.analyzer_id, result.test_id) if result.analyzer_id else [],
        elsewhere=elsewhere_of(result, at=at),
        suggestions=suggestions_of(plan) if plan else [],
        dilutions=_dilutions(plan),
    )


def bounds_of(result: Result, plan: Plan) -> Bounds | None:
    """The limits of a number in the unit of its test; None for words, and where there is none."""
    if result.value is None or result.unit != plan.facts.unit:
        return None
    low, high = (result.low, result.high) if result.decided_at else (plan.interval.low, plan.interval.high)
    automatic, critical = plan.autoverification, plan.critical
    found = Bounds(Span(low, high), Span(automatic.low, automatic.high), Span(critical.low, critical.high))
    spans = (found.interval, found.automatic, found.critical)
    return found if any(one.limits for one in spans) else None


def whys_of(reasons: Sequence[Mapping[str, Any]], sources: Mapping[str, str]) -> list[Why]:
    """Every reason in words with its rule; a rule that is no longer in force has no source here."""
    rules = [str(one.get("rule", "")) for one in reasons]
    spoken = reason_badges(reasons)
    return [
        Why(kind, words, rule, sources.get(rule, ""))
        for (kind, words), rule in zip(spoken, rules, strict=True)
    ]


def index_lines(found: Mapping[str, SpecimenIndex], rules: Sequence[Indices]) -> list[IndexLine]:
    """Haemolysis, icterus, lipaemia: those that were found, or that a rule of this test asks for."""
    names = {"H": _("haemolysis"), "I": _("icterus"), "L": _("lipaemia")}
    asked = {letter: [one for one in rules if one.index == letter] for letter in names}
    return [
        _index_line(name, found.get(letter), asked[letter])
        for letter, name in names.items()
        if letter in found or asked[letter]
    ]


def _index_line(name: str, found: SpecimenIndex | None, rules: Sequence[Indices]) -> IndexLine:
    parts = [_threshold(one) for one in rules]
    thresholds = "; ".join(dict.fromkeys(part for part in parts if part)) or _("no rule of this test")
    if found is None:
        return IndexLine(name, _("not measured"), thresholds, "neutral")
    limits = [one.suppress_from for one in rules if one.suppress_from is not None]
    kind = "notice" if any(found.level >= limit for limit in limits) else "neutral"
    text = f"{found.comparator}{number_text(found.level.normalize())} {found.unit} ({found.grade})"
    return IndexLine(name, text, thresholds, kind)


def _threshold(rule: Indices) -> str:
    if rule.suppress_from is not None:
        return _("suppressed from %(level)s") % {"level": number_text(rule.suppress_from.normalize())}
    if not rule.bias:
        return ""
    level, percent = rule.bias[-1]
    return _("%(percent)s %% at %(level)s, at most %(most)s %%") % {
        "percent": number_text(percent.normalize(), signed=True),
        "level": number_text(level.normalize()),
        "most": number_text((rule.rcv_percent or Decimal(0)).normalize()),
    }


def age_lines(evidence: Evidence, facts: TestFacts, *, at: datetime) -> list[AgeLine]:
    """How old the tube was when measured, before and after the centrifuge, against what the test bears."""
    drawn, measured = evidence.collected_at, evidence.measured_at or at
    if drawn is None or measured < drawn:
        return []
    spun = evidence.spun_at
    if not facts.is_centrifuged:
        return [_age(_("since it was drawn"), drawn, measured, facts.stable_room_minutes)]
    if spun is None or not drawn <= spun <= measured:
        return [_age(_("not spun"), drawn, measured, facts.unspun_room_minutes)]
    return [
        _age(_("before spinning"), drawn, spun, facts.unspun_room_minutes),
        _age(_("after spinning"), spun, measured, facts.stable_room_minutes),
    ]


def _age(name: str, begin: datetime, end: datetime, allowed: int | None) -> AgeLine:
    passed = end - begin
    if allowed is None:
        words = _("%(time)s, nobody knows how long it keeps") % {"time": duration_text(passed)}
    else:
        words = _("%(time)s of %(allowed)s") % {
            "time": duration_text(passed),
            "allowed": duration_text(timedelta(minutes=allowed)),
        }
    return AgeLine(name, passed.total_seconds() / 60, allowed, words)


def elsewhere_of(result: Result, *, at: datetime) -> list[Elsewhere]:
    """The patient's other orders that are open, the newest first."""
    orders: dict[str, Elsewhere] = {}
    for row in open_elsewhere(result.patient_id, result.order_id, since=at - ELSEWHERE):
        order = orders.setdefault(row.order_number, Elsewhere(row.order_number, row.placed_at, []))
        name, unit = said(row.short_en, row.short_ru), said(row.unit, row.unit_ru)
        text = value_text(row.value_text, row.value)
        order.tests.append(ElsewhereTest(row.result_id, name, text, unit, flag_of(row.flag)))
    return list(orders.values())


def suggestions_of(plan: Plan) -> list[Suggestion]:
    """The words that rules have ready for this test and patient, in both languages as a report keeps them."""
    return [Suggestion(one.code, f"{one.text_en} / {one.text_ru}") for one in plan.comments]


def _dilutions(plan: Plan | None) -> Sequence[str]:
    known = [one for rule in plan.ranges for one in rule.dilutions] if plan else []
    return list(dict.fromkeys(known)) or USUAL_DILUTIONS

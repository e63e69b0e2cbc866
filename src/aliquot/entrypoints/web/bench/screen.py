"""All that a person has to see before deciding about one result."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliquot.entrypoints.web.bench.background import Background, background_of
from aliquot.entrypoints.web.bench.pictures import (
    Flag,
    analyzer_words,
    flag_of,
    interval_text,
    reason_badges,
    said,
    value_text,
)
from aliquot.entrypoints.web.shell.journeys import steps_of
from aliquot.entrypoints.web.shell.wording import duration_text, number_text
from aliquot.flow.instruments.queries import indices_of
from aliquot.flow.results.models import AddOn, CriticalCall, Result
from aliquot.flow.results.queries import (
    HistoryRow,
    OrderTestRow,
    add_ons_of,
    grounds_of,
    order_tests_now,
    patient_history,
    result_card,
)
from aliquot.flow.results.rules.fitness import is_fit_together
from aliquot.flow.results.rules.history import Change, Point, changes
from aliquot.flow.results.rules.redrawing import is_suppressed
from aliquot.flow.specimens.models import SpecimenEvent
from aliquot.flow.specimens.queries import journey
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.facts import NO_INTERVAL
from aliquot.registers.catalogue.queries import rejection_reasons
from aliquot.registers.people.queries import Name, names_of

EARLIER = 12
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Said:
    """A badge: its kind and its words."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a test of this order."""

    id: int
    text: str
    unit: str
    interval: str
    flag: Flag
    state: str
    words: str
    run: int
    version: int
    dilution: str
    analyzer: str
    said: list[str]
    measured_at: datetime | None
    decided: str
    released_at: datetime | None
    reasons: list[tuple[str, str]]
    amend_reason: str
    is_this: bool
    is_fit: bool


@dataclass(frozen=True, slots=True)
class OrderTest:
    """One test of the order with its values, the newest last."""

    name: str
    short: str
    state: str
    specimen: str
    is_same_tube: bool
    is_this: bool
    values: list[Value]

    @property
    def newest(self) -> Value | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier value of the patient."""

    at: datetime
    text: str
    flag: Flag
    percent: str


@dataclass(frozen=True, slots=True)
class Screen:
    """A result under decision."""

    result: Result
    value: str
    unit: str
    interval: str
    flag: Flag
    background: Background
    said: list[str]
    control: Said
    conditions: list[str]
    is_suppressed: bool
    delta: str
    points: list[tuple[datetime, Decimal]]
    earlier: list[Earlier]
    tests: list[OrderTest]
    steps: list[dict[str, Any]]
    call: CriticalCall | None
    waits: str
    decided_by: str = ""
    test: OrderTest | None = None
    together: list[tuple[OrderTest, Value]] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        return self.result.state == Result.State.HELD

    @property
    def is_released(self) -> bool:
        return self.result.state == Result.State.RELEASED

    @property
    def fit_count(self) -> int:
        return sum(value.is_fit for _test, value in self.together)

    @property
    def add_ons(self) -> list[AddOn]:
        """What rules added to the order or propose for it."""
        return add_ons_of(self.result.order_id)

    @property
    def others(self) -> list[OrderTest]:
        return [one for one in self.tests if not one.is_this]

    @property
    def inputs(self) -> list[tuple[OrderTest, Value]]:
        """The values it was computed from."""
        sources = set(self.result.derived_from or ())
        return [(one, value) for one in self.tests for value in one.values if value.id in sources]

    @property
    def fit(self) -> list[int]:
        """Ids of what has nothing against it: released together by one key."""
        return [value.id for _test, value in self.together if value.is_fit]

    @property
    def previous(self) -> Decimal | None:
        """The value before this one, when there is one to compare."""
        return self.points[-2][1] if len(self.points) > 1 else None

    @property
    def runs(self) -> list[Value]:
        """Every value of this test when there is more than one: reruns and replaced versions."""
        return self.test.values if self.test and len(self.test.values) > 1 else []


def screen_of(result_id: int, *, at: datetime) -> Screen:
    """The screen of a result; Http404 when this person may not see it."""
    result, grounds = result_card(result_id), grounds_of(result_id)
    if result is None or grounds is None:
        raise Http404
    evidence, found = grounds.evidence, grounds.plan.interval if grounds.plan else NO_INTERVAL
    rows, events = order_tests_now(result.order_id), list(journey(result.specimen))
    names = names_of(
        [result.released_by, *(one.released_by or "" for one in rows), *(one.by for one in events)]
    )
    tests = _tests_of(rows, result, names)
    points, change, earlier = _history(result)
    held = [(one, value) for one in tests for value in one.values if value.state == Result.State.HELD]
    low, high = (found.low, found.high) if result.decided_at is None else (result.low, result.high)
    return Screen(
        result=result,
        value=value_text(result.value_text, result.value),
        unit=said(result.unit, result.test.unit_ru),
        interval=interval_text(low, high, result.test.decimals) or said(found.expected_en, found.expected_ru),
        flag=flag_of(result.flag),
        background=background_of(result, grounds, indices_of(result.specimen_id), at=at),
        said=analyzer_words(result.analyzer_flags),
        control=control_line(evidence, result),
        conditions=condition_words(evidence.conditions),
        is_suppressed=is_suppressed(result.reasons),
        delta=_delta_words(change),
        points=points,
        earlier=earlier,
        tests=tests,
        steps=_steps(result, events, names),
        call=CriticalCall.objects.filter(result=result, kind=CriticalCall.Kind.VALUE).first(),
        waits=duration_text(at - result.recorded_at),
        decided_by=names[result.released_by].name,
        test=next((one for one in tests if one.is_this), None),
        together=held,
    )


def control_line(evidence: Evidence, result: Result) -> Said:
    """What is known of the analyzer's control; that nothing is known is said, too."""
    if result.analyzer is None:
        return Said("neutral", _("typed by hand: no analyzer, no control"))
    if evidence.is_suspended:
        return Said("notice", _("the analyzer is suspended"))
    words = {
        "no_plan": Said("notice", _("no QC plan on this analyzer: not checked")),
        "in_control": Said("good", _("QC in control")),
        "out_of_control": Said("danger", _("QC out of control")),
    }
    return words.get(evidence.qc_state, Said("notice", _("QC state unknown")))


def condition_words(codes: Iterable[str]) -> list[str]:
    """What reception saw of the tube, by the names of the list."""
    found = list(codes)
    known = rejection_reasons() if found else {}
    return [known[code].name if code in known else code for code in found]


def _tests_of(rows: Iterable[OrderTestRow], result: Result, names: Mapping[str, Name]) -> list[OrderTest]:
    grouped: dict[int, list[OrderTestRow]] = {}
    for row in rows:
        grouped.setdefault(row.item_id, []).append(row)
    return [_order_test(found, result, names) for found in grouped.values()]


def _order_test(rows: Sequence[OrderTestRow], result: Result, names: Mapping[str, Name]) -> OrderTest:
    first, last = rows[0], rows[-1]
    values = [_value(row, result, names) for row in rows if row.result_id is not None]
    fit_ids = [one.id for one in values if one.state == Result.State.HELD]
    if len(fit_ids) > 1:  # two values of one test: a person chooses
        values = [_unfit(one) for one in values]
    return OrderTest(
        name=said(first.name_en, first.name_ru),
        short=said(first.short_en, first.short_ru),
        state=first.item_state,
        specimen=last.specimen_number or "",
        is_same_tube=last.specimen_id == result.specimen_id,
        is_this=first.item_id == result.order_item_id,
        values=values,
    )


def _unfit(one: Value) -> Value:
    return replace(one, is_fit=False)


def _value(row: OrderTestRow, result: Result, names: Mapping[str, Name]) -> Value:
    state = Result.State(row.state or Result.State.RECORDED)
    return Value(
        id=row.result_id or 0,
        text=value_text(row.value_text, row.value),
        unit=said(row.unit, row.unit_ru),
        interval=interval_text(row.low, row.high, row.decimals),
        flag=flag_of(row.flag),
        state=state.value,
        words=str(state.label),
        run=row.run or 1,
        version=row.version or 1,
        dilution=row.dilution or "",
        analyzer=row.analyzer or _("by hand"),
        said=analyzer_words(row.analyzer_flags or ()),
        measured_at=row.measured_at,
        decided=names[row.released_by or ""].name,
        released_at=row.released_at,
        reasons=reason_badges(row.reasons),
        amend_reason=row.amend_reason or "",
        is_this=row.result_id == result.pk,
        is_fit=state == Result.State.HELD and is_fit_together(row.reasons, flag=row.flag or ""),
    )


def _history(result: Result) -> tuple[list[tuple[datetime, Decimal]], Change | None, list[Earlier]]:
    """The points of the trend, the change of this value, and the earlier values, newest first."""
    if result.collected_at is None:
        return [], None, []
    rows = patient_history(result.patient_id, [result.test_id], limit=EARLIER)
    others = [(one, one.collected_at) for one in rows if one.result_id != result.pk]
    before = [_point(one, at) for one, at in others if at and at <= result.collected_at]
    this = _point(result, result.collected_at)
    found = changes([*before, this])
    change = next((one for one in found if one.point is this), None)
    alike = [one.point for one in found if one.point.unit == result.unit]  # figures of two units are no trend
    drawn = [(one.collected_at, one.value) for one in alike]
    past = [_earlier(one, result.unit) for one in reversed(found) if one.point is not this]
    return [(at, value) for at, value in drawn if value is not None], change, past[:SHOWN]


def _point(one: HistoryRow | Result, at: datetime) -> Point:
    return Point(at, one.value, one.value_text, one.unit, one.flag, one.comparator)


def _earlier(one: Change, unit: str) -> Earlier:
    text = value_text(one.point.value_text, one.point.value)
    return Earlier(
        one.point.collected_at,
        text if one.point.unit == unit else f"{text} {one.point.unit}",
        flag_of(one.point.flag),
        percent_text(one.percent),
    )


def percent_text(percent: Decimal | None) -> str:
    """A change with its sign, "" when there is none to name."""
    if percent is None:
        return ""
    places = 0 if abs(percent) >= 10 else 1  # noqa: PLR2004 - two figures say enough
    return f"{number_text(percent, places, signed=True)} %"


def _delta_words(change: Change | None) -> str:
    if change is None or change.percent is None or change.since is None:
        return ""
    days = (change.point.collected_at - change.since).days
    when = ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    if not days:
        when = _("in %(time)s") % {"time": duration_text(change.point.collected_at - change.since)}
    return f"{percent_text(change.percent)} {when}"


def _steps(
    result: Result, events: Iterable[SpecimenEvent], names: Mapping[str, Name]
) -> list[dict[str, Any]]:
    """The tube's journey and what came of it for this test."""
    steps = steps_of(events, names)
    if result.measured_at:
        where = result.analyzer.name if result.analyzer else _("by hand")
        steps.append({"label": _("Measured"), "at": result.measured_at, "place": where})
    now = "now" if result.state == Result.State.HELD else "done"
    steps.append({"label": _("Value recorded"), "at": result.recorded_at, "state": now})
    if result.released_at:
        decided = {"label": _("Released"), "at": result.released_at, "by": names[result.released_by].name}
        steps.append(decided)
    return sorted(steps, key=lambda one: (one["at"], one["label"] == _("Released")))

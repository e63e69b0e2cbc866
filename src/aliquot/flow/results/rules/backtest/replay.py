"""A patient's kept results become again what the rules saw when each was decided.

Rows come by patient in the order of collection, so that earlier values and the order's other values come
from the rows themselves and no result costs a look-up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.decision import Verdict, decide
from aliquot.flow.verification.rules.evidence import Evidence, QcState, Run, Sibling, Siblings
from aliquot.flow.verification.rules.facts import NO_INTERVAL
from aliquot.flow.verification.rules.kinds.limits import flag_and_reasons

NOTHING = Siblings()
NO_INDICES: Mapping[str, Decimal] = MappingProxyType({})
GONE = frozenset({"refused"})
REPORTED = frozenset({"released", "superseded"})

Entry = tuple["Kept", Decimal | None, datetime | None]
"""A result, the value before it, and when that one was collected."""


class Kept(NamedTuple):
    """A result as it is kept, and what its order, tube and patient say: columns of `replayed_results`."""

    result_id: int
    patient_id: int
    order_id: int
    order_item_id: int
    test_id: int
    laboratory_id: int
    analyzer_id: int | None
    value: Decimal | None
    value_text: str
    comparator: str
    unit: str
    analyzer_flags: list[str]
    run: int
    dilution: str
    is_computed: bool
    was_sent_back: bool  # the rules themselves asked for a further run
    sex: str
    age_days: int | None
    ward: str
    diagnosis: str
    is_pregnant: bool | None
    urgency: str
    collected_at: datetime | None
    measured_at: datetime | None
    spun_at: datetime | None
    accepted_at: datetime | None
    conditions: list[str]
    qc_state: QcState
    is_calibrated: bool | None
    is_reagent_valid: bool | None
    recorded_at: datetime
    decided_at: datetime | None
    released_at: datetime | None
    state: str
    is_automatic: bool
    supersedes_id: int | None
    item_state: str
    order_state: str
    before: list[str] | None
    indices: list[str] | None  # of the tube, the letter before the level: "H0.7"


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is decided again: recorded from `since` to before `until`; days in which values are compared."""

    since: datetime
    until: datetime
    look_back: int

    def holds(self, row: Kept) -> bool:
        """Whether this result is decided again; corrections are people's own, and stay."""
        return self.since <= row.recorded_at < self.until and row.supersedes_id is None


def by_patient(rows: Iterable[Kept]) -> Iterator[list[Kept]]:
    """The rows of one patient at a time."""
    found: list[Kept] = []
    for row in rows:
        if found and row.patient_id != found[0].patient_id:
            yield found
            found = []
        found.append(row)
    if found:
        yield found


def decided(
    rows: Iterable[Kept], book: RuleBook, stretch: Stretch
) -> Iterator[tuple[Kept, Evidence, Verdict]]:
    """Each result of the stretch, the evidence of then, and what this book decides, as in service."""
    windows = {one.test_id: one.delta_days for one in book.tests.values() if one.delta_days is not None}
    for patient in by_patient(rows):
        for row, evidence in replayed(patient, book, stretch, windows):
            yield row, evidence, decide(evidence, book)


def replayed(
    rows: Sequence[Kept], book: RuleBook, stretch: Stretch, windows: Mapping[int, int]
) -> Iterator[tuple[Kept, Evidence]]:
    """The results of one patient to decide again, each with the evidence of then, as far as it is known now.

    An earlier value counts when it was released before this result came; another value of the order when
    it had come by then and nobody had refused it. `windows` are days by test id beyond the usual look-back.
    """
    past = _Past(stretch.look_back, windows)
    orders: dict[int, list[Entry]] = {}
    wanted: dict[int, set[datetime]] = {}
    for row in rows:
        orders.setdefault(row.order_id, []).append((row, *past.before(row)))
        past.keep(row)
        if stretch.holds(row):
            wanted.setdefault(row.order_id, set()).add(row.recorded_at)
    for order, moments in wanted.items():
        yield from _order(orders[order], sorted(moments), book, stretch)


def _order(
    entries: list[Entry], moments: Sequence[datetime], book: RuleBook, stretch: Stretch
) -> Iterator[tuple[Kept, Evidence]]:
    entries.sort(key=lambda one: one[0].result_id)
    earlier = _earlier(entries)
    for moment in moments:
        values: dict[str, Sibling] = {}
        siblings = Siblings(values)
        decided = []
        for entry in entries:
            row = entry[0]
            if row.recorded_at > moment:
                continue
            evidence = None
            if row.recorded_at == moment and stretch.holds(row):
                evidence = _evidence(
                    entry,
                    siblings,
                    earlier.runs.get(row.result_id, ()),
                    is_reported=row.result_id in earlier.reported,
                    is_rerun=row.result_id in earlier.reruns,
                )
                decided.append((row, evidence))
            elif row.state in GONE and (row.decided_at is None or row.decided_at <= moment):
                continue
            _keep(entry, evidence, book, values)
        yield from decided


def _keep(
    entry: Entry,
    evidence: Evidence | None,
    book: RuleBook,
    values: dict[str, Sibling],
) -> None:
    row, before, before_at = entry
    facts = book.tests.get(row.test_id)
    if facts is None:
        return
    flag, interval = "", NO_INTERVAL
    if book.asks_for_flags:
        seen = evidence or _evidence(entry, NOTHING, (), is_reported=False, is_rerun=False)
        plan = book.plan_for(seen)
        assert plan is not None
        flag, interval = flag_and_reasons(seen, plan)[0], plan.interval
    values[facts.code] = Sibling(
        row.value,
        row.value_text,
        row.comparator,
        row.unit,
        flag,
        interval.low,
        interval.high,
        row.collected_at,
        before,
        before_at,
    )


@dataclass(slots=True)
class _Earlier:
    """What came before results of the same test of the order, by result id."""

    runs: dict[int, tuple[Run, ...]] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)  # the test was reported when they came
    reruns: set[int] = field(default_factory=set)  # and no rule had asked for a further run


def _earlier(entries: Sequence[Entry]) -> _Earlier:
    found = _Earlier()
    seen: dict[int, list[Kept]] = {}
    for row, _, _ in entries:
        earlier = seen.setdefault(row.order_item_id, [])
        others = [one for one in earlier if one.result_id != row.supersedes_id]
        if others:
            found.runs[row.result_id] = tuple(_run(one) for one in others)
            if any(one.released_at is not None and one.released_at <= row.recorded_at for one in others):
                found.reported.add(row.result_id)
            if not row.is_computed and not all(one.was_sent_back for one in others):
                found.reruns.add(row.result_id)
        earlier.append(row)
    return found


def _run(row: Kept) -> Run:
    return Run(row.result_id, row.value, row.comparator, row.unit, row.dilution, row.state)


def _evidence(
    entry: Entry,
    siblings: Siblings,
    runs: tuple[Run, ...],
    *,
    is_reported: bool,
    is_rerun: bool,
) -> Evidence:
    """The columns in the order of the fields of Evidence; a test was open until it was reported."""
    row, before, before_at = entry
    open_then = "open" if row.item_state == "reported" else row.item_state
    return Evidence(
        row.result_id,
        row.order_item_id,
        row.order_id,
        row.test_id,
        row.laboratory_id,
        row.analyzer_id,
        row.value,
        row.value_text,
        row.comparator,
        row.unit,
        row.analyzer_flags,
        row.measured_at,
        row.analyzer_id is None and not row.is_computed,
        row.run,
        row.dilution,
        row.sex,
        row.age_days,
        row.ward,
        row.diagnosis,
        row.is_pregnant,
        row.urgency,
        bool(row.ward),
        before,
        before_at,
        row.collected_at,
        row.spun_at,
        row.accepted_at,
        row.conditions,
        row.qc_state,
        row.is_calibrated,
        row.is_reagent_valid,
        False,
        "reported" if is_reported else open_then,
        "placed" if row.order_state == "completed" else row.order_state,
        is_rerun,
        runs,
        siblings,
        {one[0]: Decimal(one[1:]) for one in row.indices} if row.indices else NO_INDICES,
    )


@dataclass(slots=True)
class _Past:
    """The numbers of one patient so far that may be compared with, by test and unit, the latest last."""

    look_back: int
    windows: Mapping[int, int]
    values: dict[tuple[int, str], list[Kept]] = field(default_factory=dict)

    def before(self, row: Kept) -> tuple[Decimal | None, datetime | None]:
        """The latest value collected before this one, within the window, and released when this one came."""
        collected = row.collected_at
        earlier = self.values.get((row.test_id, row.unit)) if collected else None
        if not earlier or collected is None:
            return None, None
        oldest = collected - timedelta(days=max(self.look_back, self.windows.get(row.test_id, 0)))
        for one in reversed(earlier):
            at, released = one.collected_at, one.released_at
            assert at is not None
            if at < oldest:
                break
            if at < collected and released is not None and released <= row.recorded_at:
                return one.value, at
        return None, None

    def keep(self, row: Kept) -> None:
        if (
            row.state in REPORTED
            and row.value is not None
            and not row.comparator
            and row.collected_at is not None
        ):
            self.values.setdefault((row.test_id, row.unit), []).append(row)

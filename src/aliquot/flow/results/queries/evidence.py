"""What the rules look at: gathered for a batch in a few statements, shared by the results of one order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from aliquot.flow.results.queries.months import Months, months_of_orders, orders_of_results
from aliquot.flow.results.rules.history import LOOK_BACK
from aliquot.flow.verification.queries import current_book
from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.evidence import Evidence, Run, Sibling, Siblings
from aliquot.flow.verification.rules.facts import NO_INTERVAL, Interval
from aliquot.flow.verification.rules.kinds.limits import flag_and_reasons
from aliquot.flow.verification.rules.plan import Plan
from aliquot.foundation import sql_files
from aliquot.foundation.quick import quickly_made

SQL = Path(__file__).parent.parent / "sql"
NO_INDICES: Mapping[str, Decimal] = MappingProxyType({})


@quickly_made
@dataclass(frozen=True, slots=True)
class _Order:
    """The values of one order, filled in as they are found; all its results share them."""

    values: dict[str, Sibling]
    siblings: Siblings

    def keep(self, code: str, sibling: Sibling) -> None:
        self.values[code] = sibling


def gather_evidence(
    book: RuleBook, ids: Sequence[int] = (), *, given: Sequence[Mapping[str, Any]] = ()
) -> list[Evidence]:
    """What a decision may look at, in the order of the ids of results, or of the rows `given`, by column."""
    look_back = max(LOOK_BACK, book.longest_window_days)
    months = _months(book, ids, given, look_back)
    found = {"ids": list(ids), "look_back": look_back, **asdict(months)}
    text = orjson.dumps(list(given), default=str).decode()
    rows = sql_files.send_rows(SQL, "gather_evidence", given=text, **found)
    orders = {row[2]: _no_values() for row in rows}
    _keep_others(orders, book, found)
    gathered = [_evidence(row, orders[row[2]]) for row in rows]
    for one in gathered:
        facts = book.tests.get(one.test_id)
        if facts is not None:
            orders[one.order_id].keep(facts.code, _sibling(one, book))
    return gathered


def evidence_of(result_id: int) -> Evidence | None:
    """What the rules look at for this result, now; None when it is not visible."""
    found = gather_evidence(current_book(), [result_id])
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the rules look at for one result, what holds for it, and each rule's source by its code."""

    evidence: Evidence
    plan: Plan | None
    sources: Mapping[str, str]


def grounds_of(result_id: int) -> Grounds | None:
    """All a person may ask about why the rules decided as they did, now; None when it is not visible."""
    book = current_book()
    found = gather_evidence(book, [result_id])
    if not found:
        return None
    compiled = book.compiled(found[0].laboratory_id, found[0].test_id)
    sources = {one.code: one.source for one in compiled.rules} if compiled else {}
    return Grounds(found[0], book.plan_for(found[0]), sources)


def interval_for(evidence: Evidence) -> Interval:
    """The interval that covers the patient, by the catalogue as it is now."""
    plan = current_book().plan_for(evidence)
    return plan.interval if plan else NO_INTERVAL


def _no_values() -> _Order:
    values: dict[str, Sibling] = {}
    return _Order(values, Siblings(values))


def _months(book: RuleBook, ids: Sequence[int], given: Sequence[Mapping[str, Any]], look_back: int) -> Months:
    """The months in which what is gathered can stand."""
    orders, collected = orders_of_results(ids) if ids else ([], None)
    windows = [facts.delta_days for facts in book.tests.values() if facts.delta_days is not None]
    return months_of_orders(
        {*orders, *(row["order_id"] for row in given)},
        look_back=max([look_back, *windows]),
        collected=min(filter(None, [collected, *(row["collected_at"] for row in given)]), default=None),
    )


def _keep_others(orders: Mapping[int, _Order], book: RuleBook, found: Mapping[str, Any]) -> None:
    """The values of these orders that are not being decided now."""
    rows = sql_files.send_rows(SQL, "gather_siblings", orders=list(orders), **found)
    for order, test, *columns in rows:
        if test in book.tests:
            orders[order].keep(book.tests[test].code, Sibling(*columns))


def _evidence(row: Sequence[Any], order: _Order) -> Evidence:
    """A row in the order of the fields of Evidence, its last columns the earlier runs and the indices."""
    fields = [*row[:-2], _runs(row[0], row[-2]), order.siblings, _indices(row[-1])]
    return Evidence(*fields)


def _indices(kept: object) -> Mapping[str, Decimal]:
    """The newest index of each kind of the tube."""
    if kept is None:
        return NO_INDICES
    rows: dict[str, str] = orjson.loads(kept) if isinstance(kept, str | bytes) else kept  # type: ignore[assignment]
    return {index: Decimal(level) for index, level in rows.items()}


def _runs(result_id: int, kept: object) -> Sequence[Run]:
    """The runs before this one."""
    if kept is None:
        return ()
    rows: Iterable[Any] = orjson.loads(kept) if isinstance(kept, str | bytes) else kept  # type: ignore[assignment]
    return tuple(
        Run(key, Decimal(value) if value is not None else None, comparator, unit, dilution, state)
        for key, value, comparator, unit, dilution, state in rows
        if not result_id or key < result_id
    )


def _sibling(one: Evidence, book: RuleBook) -> Sibling:
    """A value that is being decided, as the others of its order see it; its flag only when some rule asks."""
    flag, interval = "", NO_INTERVAL
    plan = book.plan_for(one) if book.asks_for_flags else None
    if plan is not None:
        flag, interval = flag_and_reasons(one, plan)[0], plan.interval
    return Sibling(
        value=one.value,
        value_text=one.value_text,
        comparator=one.comparator,
        unit=one.unit,
        flag=flag,
        low=interval.low,
        high=interval.high,
        collected_at=one.collected_at,
        previous_value=one.previous_value,
        previous_collected_at=one.previous_collected_at,
    )

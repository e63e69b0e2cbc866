"""Computed tests follow their inputs: computed with the last, again with a new one, gone when one goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import give_up_items, reopen_items
from aliquot.flow.orders.rules.not_computed import NOT_COMPUTED
from aliquot.flow.results.queries import months_of_orders
from aliquot.flow.results.rules.deriving import (
    Computed,
    Unavailable,
    Waiting,
    compute,
    latest,
    read_input,
)
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.registers.catalogue.queries import derivations, tests_by_code
from aliquot.registers.catalogue.rules.derivation import Derivation

SQL = Path(__file__).parent.parent / "sql"
Said = Computed | Waiting | Unavailable


@dataclass(frozen=True, slots=True)
class _Row:
    """A computed test of an order, the value there is, and the released inputs by code."""

    item_id: int
    item_state: str
    state_reason: str
    order_id: int
    test_id: int
    ordering_site_id: int
    laboratory_id: int
    patient_id: int
    urgency: str
    sex: str
    birth_date: date | None
    time_zone: str
    result_id: int | None
    result_state: str | None
    derived_from: list[int] | None
    value: Decimal | None
    comparator: str | None
    run: int
    runs: int
    version: int
    refused: Any
    code: str
    unit: str
    decimals: int | None
    calculator: str
    inputs: Any
    values: Any

    @property
    def is_by_hand(self) -> bool:
        """Somebody typed a value: it is theirs."""
        return self.result_id is not None and self.derived_from is None

    @property
    def is_under_investigation(self) -> bool:
        """A look-back has recalled it: until that is settled nothing takes its place."""
        return self.result_state == "recalled"


@dataclass(frozen=True, slots=True)
class NewValue:
    """A computed value on its way: its columns, and whether it replaces a released one."""

    columns: Mapping[str, Any]
    replaces: bool


@lru_cache(maxsize=2)
def input_tests(version: str) -> frozenset[int]:  # noqa: ARG001 - kept until the catalogue changes
    """Ids of the tests from which others are computed."""
    codes = {code for one in derivations().values() for code in one.inputs.values()}
    return frozenset(test.pk for test in tests_by_code(codes).values())


def follow_inputs(orders: Iterable[int], *, by: Actor, at: datetime) -> list[NewValue]:
    """Bring computed tests of these orders in line with their inputs; the new values are still to be kept.

    What no longer follows is withdrawn: its test is open again, or given up with the reason when there will
    be no value. One statement when nothing changes. The caller holds the orders.
    """
    ids = sorted(set(orders))
    rows = _computed_tests(ids) if ids else []
    said = [(row, _said(row)) for row in rows if not (row.is_by_hand or row.is_under_investigation)]
    changed = [(row, one) for row, one in said if not _stands(row, one)]
    if not changed:
        return []
    gone = [row.result_id for row, _one in changed if row.result_id]
    if gone:
        sql_files.execute(SQL, "withdraw_derived", ids=gone, at=at)
        sql_files.execute(SQL, "withdraw_calls", ids=gone, by=by.key, at=at)
    reopen_items(row.item_id for row, one in changed if _is_to_open(row, one))
    given_up: dict[str, list[tuple[_Row, Unavailable]]] = defaultdict(list)
    for row, one in changed:
        if isinstance(one, Unavailable):
            given_up[one.reason].append((row, one))
    for reason, group in sorted(given_up.items()):
        items, orders = [row.item_id for row, _one in group], [row.order_id for row, _one in group]
        give_up_items(items, orders, reason=reason, facts=group[0][1].facts, at=at)
    return [_new_value(row, one) for row, one in changed if isinstance(one, Computed)]


def _computed_tests(orders: list[int]) -> list[_Row]:
    months = months_of_orders(orders)
    return sql_files.fetch(_Row, SQL, "derivable", orders=orders, since=months.since, until=months.until)


def insert_derived(rows: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime) -> list[int]:
    """Keep computed values as decided; their ids, in order."""
    text = orjson.dumps(list(rows), default=str).decode()
    return [row[0] for row in sql_files.fetch_rows(SQL, "insert_derived", rows=text, by=by.key, at=at)]


def _said(row: _Row) -> Said:
    names = _decoded(row.inputs)
    test = Derivation(row.code, row.unit, row.decimals or 0, row.calculator, names)
    inputs = {code: read_input(kept) for code, kept in _decoded(row.values).items()}
    return compute(test, inputs, sex=row.sex, birth_date=row.birth_date, time_zone=row.time_zone)


def _stands(row: _Row, said: Said) -> bool:
    """Whether what the order has is what it should have; what a person gave up is left."""
    if row.item_state == "not_performed" and not _was_given_up(row):
        return True
    if isinstance(said, Computed):
        if row.result_id is None and said.sources in orjson.loads(row.refused):
            return True  # a person refused what follows from these very inputs
        same = (row.value, row.comparator, sorted(row.derived_from or ()))
        return row.result_id is not None and same == (said.value, said.comparator, said.sources)
    if row.result_id is not None:
        return False
    return isinstance(said, Unavailable) == _was_given_up(row)


def _was_given_up(row: _Row) -> bool:
    return row.item_state == "not_performed" and row.state_reason.startswith(NOT_COMPUTED)


def _is_to_open(row: _Row, said: Said) -> bool:
    """A test that is closed and gets another value, or waits for one."""
    if isinstance(said, Unavailable) or row.item_state == "open":
        return False
    return isinstance(said, Waiting) or row.result_state != "released"


def _new_value(row: _Row, said: Computed) -> NewValue:
    replaces = row.result_state == "released"
    newest = latest(said.inputs)
    measured = [one.measured_at for one in said.inputs.values() if one.measured_at is not None]
    columns = {
        "ordering_site_id": row.ordering_site_id,
        "laboratory_id": row.laboratory_id,
        "order_item_id": row.item_id,
        "order_id": row.order_id,
        "specimen_id": newest.specimen_id,
        "patient_id": row.patient_id,
        "test_id": row.test_id,
        "analyzer_id": None,
        "derived_from": said.sources,
        "run": row.run if replaces else row.runs + 1,
        "version": row.version + 1,
        "supersedes_id": row.result_id if replaces else None,
        "value_text": said.text,
        "value": said.value,
        "comparator": said.comparator,
        "unit": row.unit,
        "analyzer_flags": [],
        "urgency": row.urgency,
        "measured_at": max(measured, default=None),
        "collected_at": newest.collected_at,
        "dilution": "",
        "amend_reason": _("Computed again from results that were amended.") if replaces else "",
    }
    return NewValue(columns, replaces)


def _decoded(kept: Any) -> dict[str, Any]:
    """A jsonb column as a row brings it: Django's connection leaves it as text."""
    return dict(orjson.loads(kept) if isinstance(kept, str | bytes) else kept)

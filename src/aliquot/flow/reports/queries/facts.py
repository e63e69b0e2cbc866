"""What a report is composed of: read in sets for a batch of orders, what its tests share read once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from aliquot.flow.reports.rules.composition import OrderFacts
from aliquot.flow.results.queries import months_of_orders
from aliquot.foundation import sql_files
from aliquot.registers.people.queries import Name, names_of

SQL = Path(__file__).parent.parent / "sql"
Facts = dict[str, Any]


class _Item(NamedTuple):
    """A test of an order, as the columns of `read_items.sql`."""

    order_id: int
    test_id: int
    item_id: int
    result_id: int | None
    state: str
    state_reason: str
    state_facts: str | None
    added_by: str
    position: int
    panel: str


class _Value(NamedTuple):
    """A value that was released once, as the columns of `read_values.sql`."""

    item_id: int
    state: str
    specimen_id: int
    result_id: int
    version: int
    value_text: str
    number: str | None
    comparator: str
    unit: str
    flag: str
    low: str | None
    high: str | None
    comment: str
    amend_reason: str
    is_automatic: bool
    measured_at: datetime | None
    released_at: datetime
    released_by: str
    retraction: str | None


_SAID = _Value._fields[3:]


class _Shared(NamedTuple):
    """What the items of a batch share: facts of tests by id, of panels by code, words in place of limits."""

    tests: Mapping[int, Facts]
    panels: Mapping[str, Facts]
    words: Mapping[tuple[int, str], Facts]
    rejections: Mapping[int, Facts]
    additions: Mapping[int, Facts]


def read_facts(orders: Sequence[int], *, at: datetime) -> list[OrderFacts]:
    """Everything that a report of that moment says of each of these orders, in order of their ids.

    Of results only what was released. The number of statements does not depend on the number of orders.
    """
    if not orders:
        return []
    rows = sql_files.send_rows(SQL, "read_orders", orders=orders, at=at)
    items = [_Item(*row) for row in sql_files.send_rows(SQL, "read_items", orders=orders)]
    values = _values_by_item(orders)
    shared = _shared(items)
    sexes = {row[0]: row[4] for row in rows}
    found: dict[int, list[Facts]] = {row[0]: [] for row in rows}
    for item in items:
        found[item.order_id].append(_facts(item, values.get(item.item_id, ()), shared, sexes[item.order_id]))
    return [_order(row, found[row[0]]) for row in rows]


def _order(row: Sequence[Any], items: Sequence[Facts]) -> OrderFacts:
    order_id, ordering_site_id, laboratory_id, patient_id, _, *texts = row
    placed, patient, places, specimens, earlier, latest = (text and orjson.loads(text) for text in texts)
    return OrderFacts(
        order_id,
        ordering_site_id,
        laboratory_id,
        patient_id,
        placed,
        patient,
        places,
        specimens,
        items,
        earlier,
        latest,
    )


def _facts(item: _Item, values: Sequence[tuple[str, Facts]], shared: _Shared, sex: str) -> Facts:
    """A test of an order with its values, by state: newest last; None where there is none."""
    words = shared.words.get((item.test_id, sex)) or shared.words.get((item.test_id, ""), _NO_WORDS)
    return {
        **shared.tests[item.test_id],
        **shared.panels.get(item.panel, _NO_PANEL),
        **words,
        "item_id": item.item_id,
        "result_id": item.result_id,
        "state": item.state,
        "state_reason": item.state_reason,
        "state_facts": orjson.loads(item.state_facts) if item.state_facts else None,
        "added_by": item.added_by,
        "added": shared.additions.get(item.item_id),
        "position": item.position,
        "panel": item.panel,
        "rejection": shared.rejections.get(item.item_id),
        "values": [said for state, said in values if state == "released"] or None,
        "earlier": [said for state, said in values if state in ("superseded", "withdrawn")] or None,
        "recalled": [said for state, said in values if state == "recalled"] or None,
    }


_NO_PANEL: Facts = {"panel_en": None, "panel_ru": None}
_NO_WORDS: Facts = {"interval_text_en": None, "interval_text_ru": None}


def _values_by_item(orders: Sequence[int]) -> dict[int, list[tuple[str, Facts]]]:
    """The state of each value that was released, with what is said of it, by the test of the order."""
    months = months_of_orders(orders)
    rows = sql_files.send_rows(SQL, "read_values", orders=orders, since=months.since, until=months.until)
    values = [_Value(*row) for row in rows]
    tubes = dict(sql_files.send_rows(SQL, "read_tubes", ids=list({one.specimen_id for one in values})))
    names = names_of({one.released_by for one in values if one.released_by.startswith("person:")})
    found: dict[int, list[tuple[str, Facts]]] = defaultdict(list)
    for row, value in zip(rows, values, strict=True):
        said = dict(zip(_SAID, row[3:], strict=True))
        name = names.get(value.released_by, _NOBODY)
        said["measured_at"] = value.measured_at and _iso(value.measured_at)
        said["released_at"] = _iso(value.released_at)
        said["released_en"], said["released_ru"] = name.name_en, name.name_ru
        said["retraction"] = orjson.loads(value.retraction) if value.retraction else None
        said["specimen"] = tubes[value.specimen_id]
        found[value.item_id].append((value.state, said))
    return found


_NOBODY = Name("", "")


def _iso(at: datetime) -> str:
    """A time as PostgreSQL writes it into JSON, in which reports of all versions are compared."""
    text = at.isoformat()
    return text if not at.microsecond else text[:26].rstrip("0") + text[26:]


def _shared(items: Iterable[_Item]) -> _Shared:
    ids = {item.test_id for item in items}
    panels = {item.panel for item in items if item.panel}
    rejected = [item.item_id for item in items if item.state == "not_performed"]
    added = [item.item_id for item in items if item.added_by]
    return _Shared(
        _by_key("read_tests", ids),
        _by_key("read_panels", panels),
        {
            (row[0], row[1]): orjson.loads(row[2])
            for row in sql_files.send_rows(SQL, "read_interval_words", ids=list(ids))
        },
        _by_key("read_rejections", rejected),
        _by_key("read_additions", added),
    )


def _by_key(name: str, keys: Collection[Any]) -> dict[Any, Facts]:
    """The facts that a statement knows of these keys; nothing is asked about none."""
    rows = sql_files.send_rows(SQL, name, keys=list(keys)) if keys else []
    return {key: orjson.loads(facts) for key, facts in rows}

"""Publish what changed: a batch from the region's database into its export, after the event, all or nothing.

What is written and how far it is goes into one transaction of the export: a process that is killed leaves
neither or both. Only one publishes at a time; the region's own work is read and never waited for.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from django.db import transaction

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.oversight.federation.actions.exporting import EXPORT
from aliquot.oversight.federation.models.nodes import Node
from aliquot.oversight.federation.rules.facts import (
    BIAS_FACT,
    CONTROL_FACT,
    FACTS,
    NODE_FACT,
    RESULT_FACT,
    SITE_FACT,
    SPECIMEN_FACT,
    Fact,
    newest,
)
from aliquot.oversight.federation.rules.progress import Mark, Progress, advance, followed
from aliquot.oversight.federation.rules.statements import remove_month, upsert

SQL = Path(__file__).parents[1] / "sql"
FEWEST_PATIENTS = 20
"""A median of fewer says too much about each of them."""
FOLLOWED = (
    "result",
    "specimen",
    "specimen_test",
    "lab_order",
    "report",
    "control_result",
    "control_run",
    "control_violation",
    "site",
)
SWEPT = {"result": RESULT_FACT, "specimen": SPECIMEN_FACT, "control_result": CONTROL_FACT}
GATHERED = {
    RESULT_FACT.name: "gather_result_facts",
    SPECIMEN_FACT.name: "gather_specimen_facts",
    CONTROL_FACT.name: "gather_control_facts",
}
NEXT = {"result": "next_results", "specimen": "next_specimens", "control_result": "next_control_results"}
LAST = {"result": "last_result", "specimen": "last_specimen", "control_result": "last_control_result"}
# of the export's own bookkeeping (rules/progress.py)
HOLD = (
    "SELECT block, row_id, safe_block, safe_at, pending_block, pending_xmax, pending_at, complete_until,"
    " swept_version FROM publishing.progress FOR UPDATE SKIP LOCKED"
)
KEEP = (
    "UPDATE publishing.progress SET block = %s, row_id = %s, safe_block = %s, safe_at = %s,"
    " pending_block = %s, pending_xmax = %s, pending_at = %s, complete_until = %s, swept_version = %s"
)
SWEEPS = "SELECT name, after, until FROM publishing.sweep ORDER BY name DESC"
SWEEP = (
    "INSERT INTO publishing.sweep VALUES (%s, %s, %s)"
    " ON CONFLICT (name) DO UPDATE SET after = excluded.after, until = excluded.until"
)
SWEPT_ALL = "DELETE FROM publishing.sweep WHERE name = %s"
MONTHS = "SELECT month, counted_at FROM publishing.month"
MONTH = (
    "INSERT INTO publishing.month VALUES (%s, %s)"
    " ON CONFLICT (month) DO UPDATE SET counted_at = excluded.counted_at"
)


@dataclass(frozen=True, slots=True)
class Published:
    """What a round did: changes followed, rows of the first copy, whether more is ready to be published."""

    changes: int = 0
    copied: int = 0
    has_more: bool = False
    is_held_by_another: bool = False


def publish_once(node: Node, *, limit: int, by: Actor, at: datetime) -> Published:
    """One round: at most `limit` changes are followed, and a part of the first copy; what was done.

    Runs in a transaction of `by` on the region's database, which it only reads.
    """
    by.require("read_indicators")
    with transaction.atomic(using=EXPORT):
        found = sql_files.fetch_text(HOLD, using=EXPORT)
        if not found:
            return Published(is_held_by_another=True)
        before = Progress(*found[0])
        reached = advance(before, sql_files.fetch(Mark, SQL, "watermark", known=before.known_block)[0])
        after, changes = _follow(node, reached, limit)
        after, copied = _sweep(node, after, limit)
        _compare(node)
        sweeping = bool(sql_files.fetch_text(SWEEPS, using=EXPORT))
        _beat(node, after, at, sweeping=sweeping)
        _keep(after)
    return Published(changes, copied, after.is_behind or sweeping)


def _follow(node: Node, progress: Progress, limit: int) -> tuple[Progress, int]:
    """What changed since the last round; before the first copy there is nothing to follow."""
    if not progress.is_behind:
        return progress, 0
    if progress.block is None:
        return followed(progress, None), 0
    rows = sql_files.fetch_rows(
        SQL,
        "changed_rows",
        block=progress.block,
        row=progress.row_id,
        until=progress.safe_block,
        tables=list(FOLLOWED),
        limit=limit,
    )
    ids: dict[str, list[int]] = defaultdict(list)
    for _block, table, row in rows:
        ids[table].append(row)
    _write_concerned(node, ids)
    last = rows[-1] if len(rows) == limit else None
    return followed(progress, (last[0], last[2]) if last else None), len(rows)


def _write_concerned(node: Node, ids: Mapping[str, Sequence[int]]) -> None:
    specimens, controls = list(ids["specimen"]), list(ids["control_result"])
    results = {"results": ids["result"], "specimens": specimens, "reports": ids["report"]}
    tubes = {"specimens": specimens, "served": ids["specimen_test"], "orders": ids["lab_order"]}
    held = {"controls": controls, "runs": ids["control_run"], "violations": ids["control_violation"]}
    concerned: tuple[tuple[Fact, str, dict[str, Any]], ...] = (
        (RESULT_FACT, "concerned_results", results),
        (SPECIMEN_FACT, "concerned_specimens", tubes),
        (CONTROL_FACT, "concerned_controls", held),
    )
    for fact, name, asked in concerned:
        if any(asked.values()):
            _write(node, fact, [one for (one,) in sql_files.fetch_rows(SQL, name, **asked)])
    if ids["site"]:
        _write_rows(node, SITE_FACT, sql_files.fetch_value(SQL, "gather_site_facts"))


def _sweep(node: Node, progress: Progress, limit: int) -> tuple[Progress, int]:
    """A part of the first copy: begun when the first mark is safe, again when the facts have new columns."""
    if progress.block is None:
        return progress, 0
    if progress.swept_version != newest(FACTS):
        _begin_sweep(node)
        progress = replace(progress, swept_version=newest(FACTS))
    waiting = sql_files.fetch_text(SWEEPS, using=EXPORT)
    if not waiting:
        return progress, 0
    name, after, until = waiting[0]
    ids = [one for (one,) in sql_files.fetch_rows(SQL, NEXT[name], after=after, until=until, limit=limit)]
    _write(node, SWEPT[name], ids)
    if len(ids) < limit:
        sql_files.run_text(SWEPT_ALL, [name], using=EXPORT)
    else:
        sql_files.run_text(SWEEP, [name, ids[-1], until], using=EXPORT)
    return progress, len(ids)


def _begin_sweep(node: Node) -> None:
    for name, last in LAST.items():
        sql_files.run_text(SWEEP, [name, -1, sql_files.fetch_value(SQL, last)], using=EXPORT)
    _write_rows(node, SITE_FACT, sql_files.fetch_value(SQL, "gather_site_facts"))


def _compare(node: Node) -> None:
    """Months whose comparison was computed anew are written anew."""
    known = dict(sql_files.fetch_text(MONTHS, using=EXPORT))
    computed = sql_files.fetch_rows(SQL, "counted_months")
    changed = {month: counted for month, counted in computed if known.get(month) != counted}
    if not changed:
        return
    months = sorted(changed)
    rows = sql_files.fetch_value(SQL, "gather_bias_facts", months=months, fewest=FEWEST_PATIENTS)
    sql_files.run_text(remove_month(node.code), {"months": months}, using=EXPORT)
    _write_rows(node, BIAS_FACT, rows)
    for month in months:
        sql_files.run_text(MONTH, [month, changed[month]], using=EXPORT)


def _beat(node: Node, progress: Progress, at: datetime, *, sweeping: bool) -> None:
    said = {
        "version": newest(FACTS),
        "program": version_of("aliquot"),
        "beat_at": at.isoformat(),
        "complete_until": progress.complete_until.isoformat() if progress.complete_until else None,
        "sweeping": sweeping,
    }
    _write_rows(node, NODE_FACT, json.dumps([said]))


def _write(node: Node, fact: Fact, ids: Sequence[int]) -> None:
    if ids:
        _write_rows(node, fact, sql_files.fetch_value(SQL, GATHERED[fact.name], ids=list(ids)))


def _write_rows(node: Node, fact: Fact, rows: str) -> None:
    sql_files.run_text(upsert(node.code, fact), {"rows": rows}, using=EXPORT)


def _keep(progress: Progress) -> None:
    sql_files.run_text(KEEP, astuple(progress), using=EXPORT)

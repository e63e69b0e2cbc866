"""Gather the evidence, decide, apply: the rules' part, a set at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction

from aliquot.flow.orders.actions import complete_orders
from aliquot.flow.quality.actions import settle_alarms
from aliquot.flow.results.actions.deriving import follow_inputs, input_tests, insert_derived
from aliquot.flow.results.actions.joining import join_look_backs, keep_members
from aliquot.flow.results.actions.opening import open_calls
from aliquot.flow.results.actions.reflexes import add_reflexes
from aliquot.flow.results.actions.rerunning import (
    KEPT,
    RELEASED,
    Outcome,
    outcomes_of,
    send_back,
    settle_runs,
)
from aliquot.flow.results.actions.watching import watch_decided
from aliquot.flow.results.queries import gather_evidence
from aliquot.flow.verification.queries import book_for_release
from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.decision import Verdict, decide
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import current_actor
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.quick import quickly_made

SQL = Path(__file__).parent.parent / "sql"
OF_EVERY_AMENDMENT = frozenset({"already_reported", "manual"})
"""Reasons that say nothing of an amended result: all have them."""


def autoverify_batch(*, limit: int, by: Actor, at: datetime) -> int:
    """Decide at most `limit` recorded results, the oldest first; how many were decided.

    Two workers never take the same order, so its completion is seen by exactly one. The number of statements
    is the same for any batch, all in one transaction. Records "result_released" and "order_completed".
    """
    by.require("release_result")
    with transaction.atomic():
        settle_alarms(by=by, at=at)
        ids = [row[0] for row in sql_files.fetch_rows(SQL, "claim_results", limit=limit)]
        decided = _decide(ids, by=by, at=at)
        watch_decided([one.evidence for one in decided], by=by, at=at)
        return len(decided)


def decide_results(ids: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Decide those of these results that are still undecided; how many. The caller holds their orders."""
    return len(_decide(ids, by=by, at=at))


def _decide(ids: Sequence[int], *, by: Actor, at: datetime) -> "list[Decided]":
    if not ids:
        return []
    book = book_for_release(at)
    gathered = gather_evidence(book, ids)
    verdicts = [decide(one, book) for one in gathered]
    outcomes = join_look_backs(gathered, outcomes_of(gathered, verdicts, ids=ids), ids=ids, at=at)
    rows = sql_files.fetch_rows(
        SQL,
        "apply_verdicts",
        ids=[one.result_id for one in gathered],
        states=[one.state for one in outcomes],
        flags=[one.flag for one in verdicts],
        lows=[one.low for one in verdicts],
        highs=[one.high for one in verdicts],
        reasons=[orjson.dumps(one.reasons).decode() for one in outcomes],
        comments=[comment_text(one) for one in verdicts],
        by=by.key,
        at=at,
    )
    written = {row[0] for row in rows}
    decided = [
        Decided(one.result_id, one, verdict, outcome)
        for one, verdict, outcome in zip(gathered, verdicts, outcomes, strict=True)
        if one.result_id in written
    ]
    note_decided(decided, book, by=by, at=at)
    return decided


@quickly_made
@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about a result that is kept now."""

    result_id: int
    evidence: Evidence
    verdict: Verdict
    outcome: Outcome


def note_decided(decided: Sequence[Decided], book: RuleBook, *, by: Actor, at: datetime) -> None:
    """Do what these decisions bring: calls, further runs, added tests, computed tests, closed tests.

    All in the transaction that keeps the results: whoever is cut off leaves everything or nothing.
    """
    keep_members([(one.result_id, one.outcome.look_back) for one in decided if one.outcome.look_back])
    told = [one for one in decided if one.verdict.critical and one.outcome.state != KEPT]
    open_calls([(one.result_id, one.evidence) for one in told], at=at)
    send_back(
        [(one.result_id, one.outcome.rerun) for one in decided if one.outcome.rerun is not None], by=by, at=at
    )
    confirmed = settle_runs([run for one in decided for run in one.outcome.earlier], by=by, at=at)
    add_reflexes([(one.result_id, one.evidence, one.verdict.reflex) for one in decided], by=by, at=at)
    released = [one.evidence for one in decided if _is_released(one, confirmed)]
    if not released:
        return
    inputs = input_tests(book.version)
    close_items(
        [one.order_item_id for one in released],
        [one.order_id for one in released],
        inputs_of=[one.order_id for one in released if one.test_id in inputs],
        at=at,
    )


def _is_released(one: Decided, confirmed: Collection[int]) -> bool:
    """Whether the test has its value now: this one, or the first run that it confirms."""
    return one.outcome.state == RELEASED or any(run.result_id in confirmed for run in one.outcome.earlier)


def comment_text(verdict: Verdict) -> str:
    """The rules' comments in the form in which a result keeps them: a line each, in both languages."""
    return "\n".join(f"{one.text_en} / {one.text_ru}" for one in verdict.comments)


def close_items(
    items: Sequence[int], orders: Sequence[int], *, inputs_of: Sequence[int] | None = None, at: datetime
) -> None:
    """Say that results of these tests were released; the last one completes its order.

    The tests themselves were closed by the database in the statement that released, or it refused. Computed
    tests follow: of the orders `inputs_of` that got an input, of all when it is not said.
    """
    if items:
        record_events("result_released", sorted(set(orders)), at=at)
        derive_tests(orders if inputs_of is None else inputs_of, at=at)
        complete_orders(orders, at=at)


def follow_change(orders: Iterable[int], *, at: datetime) -> None:
    """Let computed tests of these orders follow inputs that were amended or withdrawn, by whoever did that.

    An order that waits for a value again is open again. Call it in the transaction of the change: the
    database refuses a computed value that no longer follows.
    """
    ids = sorted(set(orders))
    derive_tests(ids, at=at)
    complete_orders(ids, at=at)


def derive_tests(orders: Sequence[int], *, at: datetime) -> None:
    """Compute what can be computed, decided by the rules as any result.

    What replaces a released value is released: the amendment of the input stands for it. Source: ISO
    15189:2022, 7.4.1.8.
    """
    by = current_actor()
    new = follow_inputs(orders, by=by, at=at) if orders else []
    if not new:
        return
    book = book_for_release(at)
    gathered = gather_evidence(book, given=[{**one.columns, "recorded_at": at} for one in new])
    verdicts = [decide(one, book) for one in gathered]
    judged = join_look_backs(gathered, outcomes_of(gathered, verdicts), at=at)
    outcomes = [
        _replacing(verdict) if value.replaces else outcome
        for value, verdict, outcome in zip(new, verdicts, judged, strict=True)
    ]
    rows = [
        {**value.columns, **decided_columns(verdict, outcome)}
        for value, verdict, outcome in zip(new, verdicts, outcomes, strict=True)
    ]
    ids = insert_derived(rows, by=by, at=at)
    kept = [Decided(*one) for one in zip(ids, gathered, verdicts, outcomes, strict=True)]
    note_decided(kept, book, by=by, at=at)


def decided_columns(verdict: Verdict, outcome: Outcome) -> dict[str, Any]:
    """What a decision says of a result, by column."""
    return {
        "state": outcome.state,
        "flag": verdict.flag,
        "low": verdict.low,
        "high": verdict.high,
        "reasons": outcome.reasons,
        "comment": comment_text(verdict),
    }


def _replacing(verdict: Verdict) -> Outcome:
    reasons = [one.as_json() for one in verdict.reasons if one.code not in OF_EVERY_AMENDMENT]
    return Outcome(RELEASED, reasons)

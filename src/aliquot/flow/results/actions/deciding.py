"""Gather the evidence, decide, apply: the rules' part, a set at a time."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import orjson
from django.db import transaction

from aliquot.flow.orders.actions import complete_orders
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import gather_evidence
from aliquot.flow.results.rules.critical import due_at
from aliquot.flow.verification.queries import book_for_release
from aliquot.flow.verification.rules.decision import Verdict, decide
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.events.actions import record_events

SQL = Path(__file__).parent.parent / "sql"
RELEASED, HELD = Result.State.RELEASED.value, Result.State.HELD.value


def autoverify_batch(*, limit: int, by: Actor, at: datetime) -> int:
    """Decide at most `limit` recorded results, the oldest first; how many were decided.

    Two workers never take the same order, so its completion is seen by exactly one. The number of statements
    is the same for any batch, all in one transaction. Records "result_released" and "order_completed".
    """
    by.require("release_result")
    with transaction.atomic():
        ids = [row[0] for row in sql_files.fetch_rows(SQL, "claim_results", limit=limit)]
        return decide_results(ids, by=by, at=at)


def decide_results(ids: Sequence[int], *, by: Actor, at: datetime) -> int:
    """Decide those of these results that are still undecided; how many. The caller holds their orders."""
    if not ids:
        return 0
    book = book_for_release(at)
    gathered = gather_evidence(book, ids)
    verdicts = [decide(one, book) for one in gathered]
    rows = sql_files.fetch_rows(
        SQL,
        "apply_verdicts",
        ids=[one.result_id for one in gathered],
        states=[RELEASED if one.release else HELD for one in verdicts],
        flags=[one.flag for one in verdicts],
        lows=[one.low for one in verdicts],
        highs=[one.high for one in verdicts],
        reasons=[reasons_json(one) for one in verdicts],
        comments=[comment_text(one) for one in verdicts],
        by=by.key,
        at=at,
    )
    written = {row[0] for row in rows}
    decided = zip(gathered, verdicts, strict=True)
    note_decided([(one.result_id, one, said) for one, said in decided if one.result_id in written], at=at)
    return len(written)


def note_decided(decided: Sequence[tuple[int, Evidence, Verdict]], *, at: datetime) -> None:
    """Open the calls and close the tests that these decisions about results (by id) bring."""
    open_calls([(result, one) for result, one, verdict in decided if verdict.critical], at=at)
    released = [one for _, one, verdict in decided if verdict.release]
    close_items([one.order_item_id for one in released], [one.order_id for one in released], at=at)


def reasons_json(verdict: Verdict) -> str:
    """The reasons in the form in which a result keeps them."""
    return orjson.dumps([one.as_json() for one in verdict.reasons]).decode()


def comment_text(verdict: Verdict) -> str:
    """The rules' comments in the form in which a result keeps them: a line each, in both languages."""
    return "\n".join(f"{one.text_en} / {one.text_ru}" for one in verdict.comments)


def open_calls(critical: Sequence[tuple[int, Evidence]], *, at: datetime) -> None:
    """Open a call for each of these results (by id): from now on somebody has to be told in time."""
    if critical:
        due = [due_at(at, urgency=one.urgency, is_inpatient=one.is_inpatient) for _, one in critical]
        sql_files.execute(SQL, "open_calls", ids=[result for result, _ in critical], due=due, at=at)


def close_items(items: Sequence[int], orders: Sequence[int], *, at: datetime) -> None:
    """Say that results of these tests were released; the last one completes its order.

    The tests themselves were closed by the database in the statement that released, or it refused.
    """
    if items:
        record_events("result_released", sorted(set(orders)), at=at)
        complete_orders(orders, at=at)

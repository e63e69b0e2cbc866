"""Measured again without a person asking: what the rules send back, and what becomes of several runs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from aliquot.flow.instruments.actions import queue_reruns
from aliquot.flow.instruments.queries import rerun_obstacles
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import kept_reasons, months_of_orders
from aliquot.flow.results.rules.runs import EarlierRun, Settled, settle
from aliquot.flow.verification.rules.decision import Verdict
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.reasons import because
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.quick import quickly_made

SQL = Path(__file__).parent.parent / "sql"
RELEASED, HELD, KEPT = Result.State.RELEASED.value, Result.State.HELD.value, Result.State.KEPT.value
Key = tuple[int, int]


@quickly_made
@dataclass(frozen=True, slots=True)
class Outcome:
    """What is kept of a decision: state and reasons, what is sent back, what earlier runs become.

    `rerun` is the dilution of the further run ("" undiluted), None when none is asked for; `look_back` the id
    of an open one that holds it.
    """

    state: str
    reasons: Sequence[Mapping[str, Any]]
    rerun: str | None = None
    earlier: tuple[Settled, ...] = ()
    look_back: int | None = None


def outcomes_of(
    gathered: Sequence[Evidence], verdicts: Sequence[Verdict], *, ids: Sequence[int] = ()
) -> list[Outcome]:
    """The outcome of each decision, in order; `ids` are those of results that are kept already.

    Only where a run is sent back, or follows one that was, anything is looked up: by one statement each.
    """
    obstacles = _obstacles(gathered, verdicts)
    runs = _runs_sent_back(gathered, ids)
    return [
        _outcome(evidence, verdict, obstacles.get(place), runs)
        for place, (evidence, verdict) in enumerate(zip(gathered, verdicts, strict=True))
    ]


def send_back(asked: Sequence[tuple[int, str]], *, by: Actor, at: datetime) -> None:
    """Have these results (id, dilution) measured again: the tubes' tests wait anew, analyzers are told."""
    by_dilution: dict[str, list[int]] = defaultdict(list)
    for result, dilution in asked:
        by_dilution[dilution].append(result)
    for dilution, ids in sorted(by_dilution.items()):
        sql_files.execute(SQL, "repeat_tests", ids=ids)
        measured = Result.objects.filter(pk__in=ids, analyzer__isnull=False).order_by("pk")
        queue_reruns(
            measured.values_list("analyzer_id", "specimen_id", "test_id"), dilution=dilution, by=by, at=at
        )


def settle_runs(settled: Sequence[Settled], *, by: Actor, at: datetime) -> set[int]:
    """Write what earlier runs became; the ids of those that were released.

    Calls that were not made yet about a run that is not reported are withdrawn.
    """
    if not settled:
        return set()
    rows = sql_files.fetch_rows(
        SQL,
        "settle_runs",
        ids=[one.result_id for one in settled],
        states=[one.state for one in settled],
        reasons=[orjson.dumps(one.reasons).decode() for one in settled],
        by=by.key,
        at=at,
    )
    written = {row[0] for row in rows}
    kept = [one.result_id for one in settled if one.state == KEPT and one.result_id in written]
    if kept:
        sql_files.execute(SQL, "withdraw_calls", ids=kept, by=by.key, at=at)
    return {one.result_id for one in settled if one.state == RELEASED} & written


def _outcome(
    evidence: Evidence,
    verdict: Verdict,
    obstacle: str | None,
    runs: Mapping[Key, Sequence[EarlierRun]],
) -> Outcome:
    reasons = [one.as_json() for one in verdict.reasons]
    if verdict.action == "rerun":
        if obstacle:
            return Outcome(HELD, [*reasons, because("rerun_impossible", why=obstacle).as_json()])
        return Outcome(HELD, [*reasons, because("rerun_asked").as_json()], rerun=verdict.rerun or "")
    earlier = runs.get((evidence.order_id, evidence.order_item_id), ())
    if earlier:
        found = settle(_spoken(evidence), reasons, verdict.confirms, earlier)
        return Outcome(found.state, found.reasons, earlier=found.earlier)
    return Outcome(RELEASED if verdict.release else HELD, reasons)


def _spoken(evidence: Evidence) -> str:
    return f"{evidence.value_text} ({evidence.dilution})" if evidence.dilution else evidence.value_text


def _obstacles(gathered: Sequence[Evidence], verdicts: Sequence[Verdict]) -> dict[int, str]:
    """Why a test cannot be measured again, by the place of its decision; "" when it can."""
    places = [place for place, verdict in enumerate(verdicts) if verdict.action == "rerun"]
    if not places:
        return {}
    asked = [
        (one.analyzer_id or 0, one.order_item_id, one.test_id, verdicts[place].rerun or "")
        for place in places
        for one in (gathered[place],)
    ]
    return dict(zip(places, rerun_obstacles(asked), strict=True))


def _runs_sent_back(gathered: Sequence[Evidence], ids: Sequence[int]) -> dict[Key, list[EarlierRun]]:
    """The runs before these that the rules sent back, by (order, test of the order)."""
    again = [one for one in gathered if one.earlier_runs and not one.is_rerun and not one.is_computed]
    runs: dict[Key, list[EarlierRun]] = defaultdict(list)
    if not again:
        return runs
    months = months_of_orders({one.order_id for one in again})
    rows = sql_files.fetch_rows(
        SQL,
        "runs_sent_back",
        orders=[one.order_id for one in again],
        items=[one.order_item_id for one in again],
        ids=list(ids),
        since=months.since,
        until=months.until,
    )
    orders = {one.order_item_id: one.order_id for one in again}
    for item, result, value, state, reasons in rows:
        runs[orders[item], item].append(EarlierRun(result, value, state, kept_reasons(reasons)))
    return runs

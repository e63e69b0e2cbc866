"""A critical value opens a call in the transaction that decided it; a withdrawn one takes its call back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from aliquot.flow.results.rules.critical import is_repeat
from aliquot.flow.verification.queries import current_book
from aliquot.flow.verification.rules.book import RuleBook
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class _Facts:
    """Who ordered a critical result, and what was told of the same patient and test before."""

    result_id: int
    site: str
    kind: str
    told_call: int | None
    told_value: Decimal | None
    told_at: datetime | None


def open_calls(critical: Sequence[tuple[int, Evidence]], *, at: datetime) -> None:
    """Open a call for each of these results (by id): from now on somebody has to be told in time.

    What the policy says of it is kept with the call. A repeat of what was told lately is noted instead.
    """
    if not critical:
        return
    rows = sql_files.fetch(_Facts, SQL, "call_facts", ids=[result for result, _ in critical], at=at)
    facts, book = {one.result_id: one for one in rows}, current_book(at)
    calls = [
        {"id": result, **_call(evidence, facts[result], book, at=at)}
        for result, evidence in critical
        if result in facts
    ]
    sql_files.execute(SQL, "open_calls", rows=orjson.dumps(calls).decode(), at=at)


def _call(evidence: Evidence, facts: _Facts, book: RuleBook, *, at: datetime) -> Mapping[str, Any]:
    handling = book.handling_for(evidence, site=facts.site, kind=facts.kind)
    value = evidence.value if not evidence.comparator else None
    noted = is_repeat(value, facts.told_value, facts.told_at, at=at, repeat=handling.repeat)
    until = handling.acknowledge_minutes
    return {
        "state": "noted" if noted else "open",
        "about_id": facts.told_call if noted else None,
        "due_at": at + timedelta(minutes=handling.tell_minutes),
        "acknowledge_due_at": at + timedelta(minutes=until) if until is not None else None,
        "policies": " ".join(handling.policies),
        "ladder": [[rung.whom, rung.minutes] for rung in handling.ladder],
    }

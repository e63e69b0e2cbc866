"""What was measured in the interval of an open look-back belongs to it, whenever it comes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aliquot.flow.results.actions.rerunning import HELD, Outcome
from aliquot.flow.results.models import LookBackMember
from aliquot.flow.results.queries.look_backs import OpenLookBack, unfinished_look_backs
from aliquot.flow.results.rules.look_back import covers
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.reasons import because
from aliquot.foundation import sql_files
from aliquot.registers.people.queries import names_of

SQL = Path(__file__).parent.parent / "sql"


def join_look_backs(
    gathered: Sequence[Evidence], outcomes: Sequence[Outcome], *, ids: Sequence[int] = (), at: datetime
) -> list[Outcome]:
    """The outcomes, in order: what an open look-back covers is held by it, whatever the rules say.

    Call it where the rules are held (`book_for_release`): a look-back that opens waits for the batches that
    began before. What a look-back held and gave free is not held by it again. Source: ISO 15189:2022, 7.5.
    """
    found = unfinished_look_backs({one.laboratory_id for one in gathered}) if gathered else []
    if not found:
        return list(outcomes)
    before = LookBackMember.objects.filter(result_id__in=list(ids)) if ids else LookBackMember.objects.none()
    settled = set(before.values_list("look_back_id", "result_id"))
    return [
        _held(outcome, look_back) if (look_back := _covering(one, found, settled, at)) else outcome
        for one, outcome in zip(gathered, outcomes, strict=True)
    ]


def keep_members(joined: Sequence[tuple[int, int]]) -> None:
    """Keep results, each with its look-back, as held by it: nobody releases them one by one."""
    if joined:
        results, look_backs = ([row[place] for row in joined] for place in range(2))
        sql_files.execute(SQL, "join_members", ids=results, look_backs=look_backs)


def _covering(
    one: Evidence, found: Iterable[OpenLookBack], settled: set[tuple[int, int]], at: datetime
) -> OpenLookBack | None:
    for look_back in found:
        if look_back.laboratory_id != one.laboratory_id or (look_back.id, one.result_id) in settled:
            continue
        moment = one.measured_at or at
        if covers(look_back.spans, analyzer_id=one.analyzer_id, test_id=one.test_id, moment=moment):
            return look_back
    return None


def _held(outcome: Outcome, look_back: OpenLookBack) -> Outcome:
    """Held beside what the rules found; no earlier run is released or put aside because of this one."""
    who = names_of([look_back.opened_by])[look_back.opened_by]
    said = because(
        "held_back",
        name=who.name,
        name_en=who.name_en,
        name_ru=who.name_ru,
        look_back=look_back.id,
        note=look_back.reason,
    ).as_json()
    return replace(outcome, state=HELD, reasons=[*outcome.reasons, said], earlier=(), look_back=look_back.id)

"""Read old messages again, by today's driver and adaptation: show what would change, then apply it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.grounds import must_say_why, must_stand_here
from aliquot.flow.instruments.actions.matching import (
    Candidate,
    Claimed,
    candidates_of,
    check_storable,
    match_candidates,
    safe_text,
    zone_of,
)
from aliquot.flow.instruments.actions.reading import wake_workers
from aliquot.flow.instruments.models import Analyzer, Message
from aliquot.flow.instruments.queries.drivers import driver_of
from aliquot.flow.instruments.rules.matching import number_text
from aliquot.flow.instruments.rules.reading import Understood
from aliquot.flow.instruments.rules.replay import Change, Line, compare_lines
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused

SQL = Path(__file__).parent.parent / "sql"
MOST_MESSAGES = 500  # of one page, and of one transaction
FILED, QUARANTINED, RECEIVED, DISMISSED = (
    Message.State.FILED.value,
    Message.State.QUARANTINED.value,
    Message.State.RECEIVED.value,
    Message.State.DISMISSED.value,
)


@dataclass(frozen=True, slots=True)
class MessageChange:
    """What another reading of one message would change; `fate` what would become of the message itself.

    `fate`: "" nothing, "received" it can be read now, "dismissed" nothing in it is strange any more,
    "quarantined" a person has to look at it. `failure`: why it still cannot be read.
    """

    message_id: int
    received_at: datetime
    state: str
    changes: tuple[Change, ...] = ()
    fate: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ReplayPreview:
    """What would change in one page of messages; `after` begins the next page, None: that was the last.

    `fingerprint` names exactly these changes: apply it with them to be sure that nothing else is done.
    """

    messages: int
    changed: tuple[MessageChange, ...]
    after: int | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was done to one page: readings kept anew, put aside, matched again; messages settled."""

    messages: int
    kept: int
    dismissed: int
    matched: int
    settled: int
    after: int | None


@dataclass(frozen=True, slots=True)
class _Old:
    id: int
    laboratory_id: int
    analyzer_id: int
    driver: str
    time_zone: str
    content: bytes
    received_at: datetime
    state: str
    lost_filed: bool  # an earlier replay did not find what was filed: only a person settles that


def preview_replay(
    analyzer: Analyzer,
    since: datetime,
    until: datetime,
    *,
    after: int | None = None,
    limit: int = MOST_MESSAGES,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> ReplayPreview:
    """What today's driver and adaptation would read differently in what arrived in [since, until).

    At most `limit` messages, at most 500; a constant number of statements. Nothing is changed.
    """
    _begin(analyzer, by)
    return _preview(analyzer, since, until, after, limit)


def apply_replay(
    analyzer: Analyzer,
    since: datetime,
    until: datetime,
    *,
    reason: str,
    after: int | None = None,
    limit: int = MOST_MESSAGES,
    fingerprint: str = "",
    by: Actor,
    at: datetime,
) -> Replayed:
    """Apply to one page what the preview shows, in one transaction; the audit keeps the reason.

    What was filed stays: a different value is kept beside it, becomes a rerun and waits for a person, as does
    everything that is newly found. Refused when `fingerprint` is given and something else would change now.
    """
    _begin(analyzer, by)
    must_say_why(reason)
    with transaction.atomic():
        preview = _preview(analyzer, since, until, after, limit)
        if fingerprint and fingerprint != preview.fingerprint:
            raise Refused(_("What would change is not what you saw any more. Look again."))
        done = _apply(preview, note=reason.strip(), by=by, at=at)
        wake_workers()
    return done


# -- read again ---------------------------------------------------------------------------------------


def _preview(
    analyzer: Analyzer, since: datetime, until: datetime, after: int | None, limit: int
) -> ReplayPreview:
    size = max(1, min(limit, MOST_MESSAGES))
    old = sql_files.fetch(
        _Old,
        SQL,
        "messages_to_replay",
        analyzer=analyzer.pk,
        since=since,
        until=until,
        after=after,
        limit=size,
    )
    kept = _kept([one.id for one in old])
    changed = tuple(
        change
        for one, read in zip(old, _read(old, analyzer), strict=True)
        if (change := _message_change(one, kept[one.id], read[0], read[1], is_strange=read[2]))
    )
    mark = sha256(repr(changed).encode()).hexdigest()
    return ReplayPreview(len(old), changed, old[-1].id if len(old) == size else None, mark)


def _kept(messages: list[int]) -> dict[int, list[Line]]:
    kept: dict[int, list[Line]] = defaultdict(list)
    for message, reading, position, state, *rest in sql_files.fetch_rows(
        SQL, "latest_lines", messages=messages
    ):
        specimen, code, value, number, unit, flags, status, measured = rest
        line = Line(
            position, state, specimen, code, value, number, unit, tuple(flags), status, measured, reading
        )
        kept[message].append(line)
    return kept


def _read(old: Sequence[_Old], analyzer: Analyzer) -> list[tuple[list[Line], str, bool]]:
    """Of each message: its lines as they are read now, why it cannot be read, whether parts are strange."""
    driver = driver_of(analyzer.pk, analyzer.driver)
    read: list[tuple[list[Candidate], str, bool]] = []
    for one in old:
        message = Claimed(one.id, one.laboratory_id, one.analyzer_id, one.driver, one.time_zone, one.content)
        try:
            understood = driver.read(one.content, zone_of(one.time_zone))
            found = candidates_of(message, understood)
            check_storable(found)
        except Exception as fault:  # noqa: BLE001 - one message, whatever is wrong with it, is shown with its fault
            read.append(([], safe_text(str(fault)) or type(fault).__name__, True))
        else:
            read.append((found, "", _is_strange(understood)))
    match_candidates([candidate for found, _, _ in read for candidate in found])
    return [([_line(one) for one in found], failure, strange) for found, failure, strange in read]


def _is_strange(understood: Understood) -> bool:
    return any(one.position is None for one in understood.problems)


def _line(one: Candidate) -> Line:
    reading = one.reading
    unit = reading.unit or reading.unit_raw
    return Line(
        reading.position,
        one.state,
        reading.specimen_code,
        reading.code,
        reading.value,
        number_text(reading.number),
        unit,
        tuple(one.flags),
        reading.status,
        reading.measured_at,
    )


def _message_change(
    old: _Old, kept: Sequence[Line], found: Sequence[Line], failure: str, *, is_strange: bool
) -> MessageChange | None:
    if failure:
        return MessageChange(old.id, old.received_at, old.state, failure=failure) if not kept else None
    changes = compare_lines(kept, found)
    fate = _fate(old, kept, changes, is_strange=is_strange)
    if not changes and not fate:
        return None
    return MessageChange(old.id, old.received_at, old.state, changes, fate)


def _fate(old: _Old, kept: Sequence[Line], changes: Sequence[Change], *, is_strange: bool) -> str:
    if any(one.loses_filed for one in changes):
        return QUARANTINED if old.state == FILED else ""
    if old.state == QUARANTINED and not old.lost_filed:
        if not kept and not is_strange:
            return RECEIVED
        return DISMISSED if kept and not is_strange else ""
    return ""


# -- apply --------------------------------------------------------------------------------------------


def _apply(preview: ReplayPreview, *, note: str, by: Actor, at: datetime) -> Replayed:
    # what can be read only now is read whole by a worker, as if it came now
    changes = [(one, change) for one in preview.changed if one.fate != RECEIVED for change in one.changes]
    again = [change.before.id for _, change in changes if _is_matched_again(change) and change.before]
    aside = [change.before for _, change in changes if _is_replaced(change) and change.before]
    anew = [_row(one, change) for one, change in changes if _is_kept_anew(change)]
    settled = [one for one in preview.changed if one.fate]
    by_whom: dict[str, Any] = {"at": at, "by": by.key}
    counts = [
        sql_files.execute(SQL, "match_again", ids=again, **by_whom),
        sql_files.execute(
            SQL,
            "dismiss_replaced",
            ids=[one.id for one in aside],
            states=[one.state for one in aside],
            note=note,
            **by_whom,
        ),
        sql_files.execute(SQL, "insert_replayed", rows=orjson.dumps(anew).decode(), note=note, **by_whom),
        sql_files.execute(
            SQL,
            "settle_replayed",
            ids=[one.message_id for one in settled],
            before=[one.state for one in settled],
            after=[one.fate for one in settled],
            problems=[orjson.dumps(list(_problems(one, note))).decode() for one in settled],
            **by_whom,
        ),
    ]
    if counts != [len(again), len(aside), len(anew), len(settled)]:
        raise Refused(_("Somebody has decided a part of this meanwhile. Look again."))
    matched, dismissed, kept, messages = counts
    return Replayed(len(preview.changed), kept, dismissed, matched, messages, preview.after)


def _is_matched_again(change: Change) -> bool:
    return change.kind == "fate" and change.before is not None and change.before.state == QUARANTINED


def _is_replaced(change: Change) -> bool:
    """Whether what is kept goes aside; a filed value never does, nor what a person put aside before."""
    if change.before is None or change.before.state in {FILED, DISMISSED}:
        return False
    return not _is_matched_again(change)


def _is_kept_anew(change: Change) -> bool:
    if change.after is None or _is_matched_again(change):
        return False
    return not (change.kind == "fate" and change.touches_filed)  # nothing to file: the message is shown


def _row(message: MessageChange, change: Change) -> dict[str, Any]:
    after = change.after
    assert after is not None
    return {
        "message_id": message.message_id,
        "before_id": change.before.id if change.before else None,
        "position": after.position,
        "specimen_code": after.specimen_code,
        "code": after.code,
        "value": after.value,
        "number": after.number,
        "unit": after.unit,
        "flags": after.flags,
        "status": after.status,
        "measured_at": after.measured_at,
    }


def _problems(message: MessageChange, note: str) -> Iterator[dict[str, Any]]:
    if message.fate == DISMISSED:
        yield {"code": "dismissed", "detail": note}
    if message.fate == QUARANTINED:
        lost = [one for one in message.changes if one.loses_filed]
        yield {"code": "filed_not_found", "count": len(lost)}


def _begin(analyzer: Analyzer, by: Actor) -> None:
    by.require("match_reading")
    must_stand_here(analyzer, by)

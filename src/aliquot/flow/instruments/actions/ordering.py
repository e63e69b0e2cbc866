"""Tell analyzers what to measure, unasked: queue it, send what waits, follow what changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.grounds import must_say_why, must_stand_here
from aliquot.flow.instruments.actions.keeping import KeptMessage, keep_messages
from aliquot.flow.instruments.actions.matching import safe_text
from aliquot.flow.instruments.actions.settling import MOST_ATTEMPTS
from aliquot.flow.instruments.models import Analyzer, WorkRequest
from aliquot.flow.instruments.queries.analyzers import AnalyzerLine
from aliquot.flow.instruments.queries.drivers import driver_of
from aliquot.flow.instruments.queries.outbox import FAILED
from aliquot.flow.instruments.queries.work import gathered_work, work_orders
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.reading import Action, WorkOrder
from aliquot.flow.instruments.rules.work import codes_to_send, known_codes, plan_work
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused

SQL = Path(__file__).parent.parent / "sql"
QUEUED, NOTED, SENDING, WITHDRAWN, UNDELIVERED = (
    WorkRequest.State.QUEUED.value,
    WorkRequest.State.NOTED.value,
    WorkRequest.State.SENDING.value,
    WorkRequest.State.WITHDRAWN.value,
    WorkRequest.State.UNDELIVERED.value,
)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to send: its id in the ledger, and its records as a link takes them."""

    message_id: int
    records: list[bytes]


@dataclass(frozen=True, slots=True)
class _Request:
    id: int
    specimen_id: int
    specimen_code: str
    kind: Action
    codes: list[str]
    dilution: str
    attempts: int
    urgency: str


@dataclass(frozen=True, slots=True)
class _Written:
    """A request as it is told now: its messages, or why not; neither without anything to tell."""

    request: _Request
    codes: tuple[str, ...]
    messages: list[list[bytes]]
    detail: str = ""

    @property
    def state(self) -> str:
        return SENDING if self.messages else (UNDELIVERED if self.detail else WITHDRAWN)


def queue_orders(
    analyzer: Analyzer | AnalyzerLine,
    specimen_numbers: Iterable[str],
    kind: Action = "new",
    *,
    codes: Sequence[str] = (),
    dilution: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Queue a message for each of these tubes of the analyzer's laboratory; how many were queued.

    Without `codes` all that the tube needs when it is sent. What waits already is not queued twice. Refused
    for an analyzer that only asks, but for a rerun: that waits for its question.
    """
    by.require("manage_worklist")
    must_stand_here(analyzer, by)
    is_told = analyzer.query_policy != "answer"
    if not is_told and kind != "rerun":
        raise Refused(
            _("%(code)s asks for its work itself: nothing is sent to it.") % {"code": analyzer.code}
        )
    numbers = list(dict.fromkeys(one.strip() for one in specimen_numbers))
    found = Specimen.objects.filter(number__in=numbers, laboratory_id=analyzer.laboratory_id)
    tubes = dict(found.values_list("number", "pk"))
    if unknown := [one for one in numbers if one not in tubes]:
        sentence = _("There is no tube %(number)s in this laboratory. Scan its label again.")
        words = sentence % {"number": ", ".join(unknown)}
        raise Refused(words, fields={"specimen": words})
    state = QUEUED if is_told else NOTED
    asked = [
        (tubes[one], analyzer.id, analyzer.laboratory_id, kind, codes, dilution, state) for one in numbers
    ]
    return _queue(asked, by=by, at=at)


def queue_reruns(
    tests: Iterable[tuple[int, int, int]], *, dilution: str = "", by: Actor, at: datetime
) -> int:
    """Have tests measured again, each (analyzer, specimen, test) by id; how many requests were made.

    An analyzer that only asks is told when it asks next, with the dilution. Refused, naming the analyzer,
    when its orders have no place for it: it would measure undiluted what somebody waits for diluted.
    """
    wanted = list(tests)
    if dilution:
        _must_take_dilutions({analyzer for analyzer, _, _ in wanted})
    rows = sql_files.fetch_rows(
        SQL,
        "codes_to_repeat",
        analyzers=[analyzer for analyzer, _, _ in wanted],
        specimens=[specimen for _, specimen, _ in wanted],
        tests=[test for _, _, test in wanted],
    )
    asked: dict[tuple[int, int, int, str], list[str]] = defaultdict(list)
    for specimen, analyzer, laboratory, policy, code in rows:
        asked[specimen, analyzer, laboratory, NOTED if policy == "answer" else QUEUED].append(code)
    return _queue(
        [
            (specimen, analyzer, laboratory, "rerun", codes, dilution, state)
            for (specimen, analyzer, laboratory, state), codes in asked.items()
        ],
        by=by,
        at=at,
    )


def _must_take_dilutions(analyzer_ids: Collection[int]) -> None:
    for one in Analyzer.objects.filter(pk__in=analyzer_ids).order_by("code"):
        driver = driver_of(one.pk, one.driver)
        if driver.takes_orders and not driver.takes_dilution:
            sentence = _(
                "%(analyzer)s cannot be told a dilution: dilute by hand or program it at the analyzer."
            )
            raise Refused(
                sentence % {"analyzer": one.name}, fields={"dilution": _("Leave it empty for this analyzer.")}
            )


def follow_work(specimen_ids: Collection[int], *, by: Actor, at: datetime) -> int:
    """Queue what analyzers have to be told of these tubes now: new tests, added ones, those nobody wants.

    For analyzers that are told unasked. A constant number of statements; how many messages were queued.
    """
    by.require("manage_worklist")
    asked = [
        (one.specimen_id, one.analyzer_id, one.laboratory_id, work.action, work.codes, "", QUEUED)
        for one in gathered_work(specimen_ids)
        for work in plan_work(one.pending, one.measured, one.told)
    ]
    return _queue(asked, by=by, at=at)


def requeue_request(request_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """Send again what could not be sent or was refused. Refused when it is neither."""
    _begin(reason, by)
    failed = WorkRequest.objects.filter(pk=request_id, state__in=FAILED)
    if not failed.update(state=QUEUED, attempts=0, not_before=None, changed_at=at):
        raise Refused(_("This does not wait any longer: somebody has decided it. Reload the list."))


def withdraw_request(request_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """Do not send what is queued, could not be sent or was refused. Refused when it is on its way or sent."""
    _begin(reason, by)
    waiting = WorkRequest.objects.filter(pk=request_id, state__in=[QUEUED, NOTED, *FAILED])
    if not waiting.update(state=WITHDRAWN, changed_at=at):
        raise Refused(_("This is sent already. Reload the list."))


def claim_outbox(
    line: AnalyzerLine | Analyzer,
    *,
    connection: str = "outbox",
    limit: int = 20,
    since: datetime | None = None,
    by: Actor,
    at: datetime,
) -> list[OutgoingMessage]:
    """Take what waits to be sent to this analyzer, at most `limit` tubes, and keep the messages that say it.

    Each is built now, by today's driver and from what the tube needs now; what is needed no more is
    withdrawn. Commit, send, then tell `note_sent`, `note_delivered` or `note_undelivered`; what nobody speaks
    of is taken again after five minutes, or at once when it was begun before `since`: by a
    process that is gone.
    """
    by.require("keep_message")
    requests = sql_files.fetch(
        _Request, SQL, "claim_requests", analyzer=line.id, limit=limit, since=since, at=at
    )
    if not requests:
        return []
    orders = _orders_of(line, requests)
    header = Header(at, ZoneInfo(line.time_zone))
    driver = driver_of(line.id, line.driver)
    written = [_write(driver, orders[one.id], header, one) for one in requests]
    _note_begun(written, at)
    return _keep(line, written, connection, by=by, at=at)


def _write(driver: Driver, order: WorkOrder, header: Header, request: _Request) -> _Written:
    if not order.codes:
        return _Written(request, order.codes, [])
    if request.attempts >= MOST_ATTEMPTS:
        return _Written(request, order.codes, [], "no answer")
    own = Header(header.at, header.zone, control_id=f"{request.id}-{request.attempts + 1}")
    try:
        return _Written(request, order.codes, driver.order_message([order], own))
    except UnsendableError as fault:
        return _Written(request, order.codes, [], safe_text(str(fault)))


def _orders_of(line: AnalyzerLine | Analyzer, requests: Sequence[_Request]) -> dict[int, WorkOrder]:
    """What each request says now, by its id; one without codes has nothing to say any more."""
    gathered = {one.specimen_id: one for one in gathered_work([r.specimen_id for r in requests], line.id)}
    facts = {one.specimen_code: one for one in work_orders(line, [one.specimen_code for one in requests])}
    orders = {}
    for one in requests:
        work = gathered.get(one.specimen_id)
        told = [] if work is None else [each for each in work.told if each.state != SENDING]
        pending = [] if work is None else work.pending
        codes = codes_to_send(one.kind, one.codes, pending, known_codes(told))
        plain = facts[one.specimen_code]
        orders[one.id] = WorkOrder(
            one.specimen_code,
            tuple(codes),
            one.urgency,
            action=one.kind,
            dilution=one.dilution,
            specimen_type=plain.specimen_type,
            collected=plain.collected,
            order_id=plain.order_id,
        )
    return orders


def _note_begun(written: Sequence[_Written], at: datetime) -> None:
    rows = [
        {
            "id": one.request.id,
            "state": one.state,
            "codes": one.codes or one.request.codes,
            "detail": one.detail,
        }
        for one in written
    ]
    sql_files.execute(SQL, "begin_requests", rows=orjson.dumps(rows).decode(), at=at)


def _keep(
    line: AnalyzerLine | Analyzer,
    written: Sequence[_Written],
    connection: str,
    *,
    by: Actor,
    at: datetime,
) -> list[OutgoingMessage]:
    said = [(one.request.id, records) for one in written for records in one.messages]
    if not said:
        return []
    kept = [
        KeptMessage(
            line.laboratory_id,
            line.id,
            connection,
            b"".join(record + b"\r" for record in records),
            at,
            is_outgoing=True,
            state=SENDING,
            request_id=request,
        )
        for request, records in said
    ]
    ids = keep_messages(kept, by=by)
    return [OutgoingMessage(one, records) for one, (_, records) in zip(ids, said, strict=True)]


def _queue(
    asked: Sequence[tuple[int, int, int, str, Sequence[str], str, str]], *, by: Actor, at: datetime
) -> int:
    if not asked:
        return 0
    names = ("specimen_id", "analyzer_id", "laboratory_id", "kind", "codes", "dilution", "state")
    rows: list[dict[str, Any]] = [dict(zip(names, one, strict=True)) for one in asked]
    made = sql_files.fetch_rows(SQL, "queue_requests", rows=orjson.dumps(rows).decode(), by=by.key, at=at)
    return len(made)


def _begin(reason: str, by: Actor) -> None:
    by.require("manage_worklist")
    must_say_why(reason)

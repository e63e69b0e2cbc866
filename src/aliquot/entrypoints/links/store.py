"""The database side of the lines. Every method blocks: call it from a thread of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from aliquot.entrypoints.links.parcel import Parcel
from aliquot.flow.instruments.actions import (
    KeptMessage,
    KeptTraffic,
    LineFacts,
    claim_outbox,
    close_question,
    keep_answer,
    keep_messages,
    keep_traffic,
    note_delivered,
    note_line_states,
    note_sent,
    note_undelivered,
    stretch_of,
)
from aliquot.flow.instruments.models import Message, WorkRequest
from aliquot.flow.instruments.queries import AnalyzerLine, analyzer_lines, waiting_tubes, work_orders
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.heading import heading_of
from aliquot.flow.instruments.rules.reading import HostQuery, WorkOrder
from aliquot.foundation.actors import SystemActor
from aliquot.foundation.context import acting
from aliquot.registers.people.sign_in import laboratories_actor
from aliquot.wire.mllp import MllpProfile

NAME = "links"
LOOK_BACK_DAYS = 2
UNANSWERED = "its question was not answered, the program was interrupted"


class Store:
    """Keeps messages and answers questions as system:links, for all laboratories of the region."""

    def __init__(self) -> None:
        self._actor: SystemActor | None = None

    def lines(self) -> list[AnalyzerLine]:
        """The analyzers to hold a line to; also looks again which laboratories there are."""
        self._actor = laboratories_actor(NAME)
        with acting(self._actor):
            return analyzer_lines()

    def keep(self, parcels: Sequence[Parcel]) -> list[int]:
        """Commit all of them by one transaction; their messages' ids, 0 for bytes alone.

        Messages may be acknowledged when this returns.
        """
        messages = [_message(one) for one in parcels if one.content is not None]
        stretches = [stretch for one in parcels if one.content is None and (stretch := _stretch(one))]
        with acting(self._by) as by:
            ids = iter(keep_messages(messages, by=by) if messages else ())
            keep_traffic(stretches, by=by)
        return [0 if one.content is None else next(ids) for one in parcels]

    def is_kept(self, line: AnalyzerLine, connection: str, since: datetime) -> bool:
        """Whether something came from this analyzer under this name."""
        with acting(self._by):
            found = Message.objects.filter(analyzer_id=line.id, received_at__gte=since, is_outgoing=False)
            return found.filter(connection=connection).exists()

    def answer(
        self,
        line: AnalyzerLine,
        driver: Driver,
        question_id: int,
        queries: Sequence[HostQuery],
        connection: str,
    ) -> list[tuple[int, list[bytes]]]:
        """Find what the tubes need, keep the answer, and return (message id, records) of each message."""
        try:
            return self._answer(line, driver, question_id, queries, connection)
        except UnsendableError as fault:  # trying again would not help: a person has to see it
            self.note_undelivered(question_id, str(fault))
            return []

    def _answer(
        self,
        line: AnalyzerLine,
        driver: Driver,
        question_id: int,
        queries: Sequence[HostQuery],
        connection: str,
    ) -> list[tuple[int, list[bytes]]]:
        at = timezone.now()
        header = Header(at, ZoneInfo(line.time_zone), control_id=f"Q{question_id}", query=queries[0])
        with acting(self._by) as by:
            orders = [order for query in queries for order in _orders(line, driver, query)]
            kept = []
            messages = driver.order_message(orders, header)
            for place, records in enumerate(_not_said_yet(messages, driver)):
                told = orders if place == 0 else []  # noted once, however many messages say it
                message = _outgoing(line, connection, records, at)
                kept.append((keep_answer(question_id, message, orders=told, by=by), records))
            return kept

    def waiting_lines(self) -> set[int]:
        """The analyzers that something waits to be sent to."""
        at = timezone.now()
        with acting(self._by):
            waiting = WorkRequest.objects.filter(state__in=["queued", "sending"])
            due = waiting.filter(Q(not_before=None) | Q(not_before__lte=at))
            return set(due.values_list("analyzer_id", flat=True).distinct())

    def take_outbox(
        self, line: AnalyzerLine, connection: str, since: datetime
    ) -> list[tuple[int, list[bytes]]]:
        """Take what waits to be sent to this analyzer: (message id, records) of each message.

        What was begun before `since` was begun by a process that is gone: it is taken as well.
        """
        with acting(self._by) as by:
            taken = claim_outbox(line, connection=connection, since=since, by=by, at=timezone.now())
            return [(one.message_id, one.records) for one in taken]

    def note_delivered(self, line: AnalyzerLine, driver: Driver, message_id: int, answer: bytes) -> None:
        """Note that the analyzer took a message, and what it said to it, e.g. that it cannot (ORC-1 UA)."""
        answers = driver.read(answer, ZoneInfo(line.time_zone)).answers if answer else ()
        refused = [one for one in answers if not one.accepted]
        at = timezone.now()
        with acting(self._by) as by:
            note_sent(message_id, by=by, at=at)
            if answers:
                detail = "; ".join(
                    dict.fromkeys(f"{one.specimen_code} {one.reason}".strip() for one in refused)
                )
                note_delivered(message_id, accepted=not refused, detail=detail, by=by, at=at)

    def note_states(self, states: Sequence[LineFacts]) -> int:
        """Write how the lines fare, by one statement; how many."""
        with acting(self._by) as by:
            return note_line_states(states, by=by, at=timezone.now())

    def note_refused(self, message_id: int, reason: str) -> None:
        """Show a person that the analyzer refuses what it was told; sending it again would not help."""
        at = timezone.now()
        with acting(self._by) as by:
            note_sent(message_id, by=by, at=at)
            note_delivered(message_id, accepted=False, detail=reason, by=by, at=at)

    def close_question(self, question_id: int) -> None:
        """Note that the analyzer took back a question."""
        with acting(self._by) as by:
            close_question(question_id, by=by)

    def show_unanswered(self, lines: Sequence[int], before: datetime) -> int:
        """Show a person the questions of these analyzers that came before then and wait still; how many."""
        with acting(self._by) as by:
            asked = Message.objects.filter(analyzer_id__in=lines, state="asked", is_outgoing=False)
            since = before - timedelta(days=LOOK_BACK_DAYS)
            found = asked.filter(received_at__gte=since, received_at__lt=before).values_list("pk", flat=True)
            return sum(note_undelivered(one, UNANSWERED, by=by) for one in list(found))

    def note_undelivered(self, message_id: int, detail: str) -> None:
        """Show a person that the analyzer did not take this message, or got no answer to it."""
        with acting(self._by) as by:
            note_undelivered(message_id, detail, by=by)

    def forget_connection(self) -> None:
        """Close this thread's database connection: after a failure the next call opens a fresh one."""
        connections["default"].close()

    @property
    def _by(self) -> SystemActor:
        assert self._actor is not None  # lines() is always asked first
        return self._actor


def _orders(line: AnalyzerLine, driver: Driver, query: HostQuery) -> Iterator[WorkOrder]:
    numbers = query.specimen_codes or (waiting_tubes(line) if query.everything else ())
    for one in work_orders(line, numbers, place=query.place):
        yield replace(one, codes=driver.asked_codes(one.codes, query.tests))


def _not_said_yet(messages: Sequence[list[bytes]], driver: Driver) -> list[list[bytes]]:
    """The messages of an answer without the RSP^Knn that the MLLP link has sent as its receipt (LAB-27)."""
    if not isinstance(driver.framing, MllpProfile):
        return list(messages)
    return [one for one in messages if not _message_type(one[0]).startswith(b"RSP^K")]


def _message_type(head: bytes) -> bytes:
    fields = head.split(head[3:4])
    return fields[8] if head[:3] == b"MSH" and len(fields) > 8 else b""  # noqa: PLR2004 - MSH-9, MSH-1 being the separator


def _message(parcel: Parcel) -> KeptMessage:
    line, content = parcel.line, parcel.content
    assert content is not None
    heading = heading_of(content, ZoneInfo(line.time_zone))
    return KeptMessage(
        line.laboratory_id,
        line.id,
        parcel.connection,
        content,
        datetime.fromtimestamp(parcel.at, UTC),
        state=parcel.state,
        problems=(parcel.problem,) if parcel.problem else (),
        control_id=heading.control_id,
        device_at=heading.device_at,
        traffic=_stretch(parcel),
    )


def _outgoing(line: AnalyzerLine, connection: str, records: Sequence[bytes], at: datetime) -> KeptMessage:
    content = b"".join(record + b"\r" for record in records)
    return KeptMessage(line.laboratory_id, line.id, connection, content, at, is_outgoing=True, state="sent")


def _stretch(parcel: Parcel) -> KeptTraffic | None:
    line = parcel.line
    return stretch_of(line.laboratory_id, line.id, parcel.connection, parcel.stretches, parcel.clock_offset)

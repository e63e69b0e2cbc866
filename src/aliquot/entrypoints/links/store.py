"""The database side of the lines. Every method blocks: call it from a thread of its own."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db import connections
from django.utils import timezone

from aliquot.flow.instruments.actions import KeptMessage, keep_answer, keep_messages, note_undelivered
from aliquot.flow.instruments.queries import AnalyzerLine, analyzer_lines, work_orders
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import HostQuery, WorkOrder
from aliquot.foundation.actors import SystemActor, system_actor
from aliquot.foundation.context import acting
from aliquot.registers.people.sign_in import laboratory_sites

NAME = "links"


class Store:
    """Keeps messages and answers questions as system:links, for all laboratories of the region."""

    def __init__(self) -> None:
        self._actor: SystemActor | None = None

    def lines(self) -> list[AnalyzerLine]:
        """The analyzers to listen for; also looks again which laboratories there are."""
        with acting(system_actor(NAME)):
            self._actor = system_actor(NAME, laboratory_sites())
            return analyzer_lines()

    def keep(self, messages: Sequence[KeptMessage]) -> list[int]:
        """Commit all of them by one transaction; their ids. They may be acknowledged when this returns."""
        with acting(self._by) as by:
            return keep_messages(messages, by=by)

    def answer(
        self,
        line: AnalyzerLine,
        driver: Driver,
        question_id: int,
        queries: Sequence[HostQuery],
        connection: str,
    ) -> tuple[int, list[bytes]]:
        """Find what the tubes need, keep the answer, and return (its message id, its records)."""
        at = timezone.now()
        with acting(self._by) as by:
            orders = [order for query in queries for order in _orders(line, query)]
            records = driver.order_message(orders, Header(at, ZoneInfo(line.time_zone)))
            content = b"".join(record + b"\r" for record in records)
            kept = KeptMessage(
                line.laboratory_id, line.id, connection, content, at, is_outgoing=True, state="sent"
            )
            return keep_answer(question_id, kept, by=by), records

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


def _orders(line: AnalyzerLine, query: HostQuery) -> list[WorkOrder]:
    orders = work_orders(line, query.specimen_codes, place=query.place)
    if not query.tests:
        return orders
    return [
        WorkOrder(
            one.specimen_code,
            tuple(code for code in one.codes if code in query.tests),
            one.priority,
            one.place,
        )
        for one in orders
    ]


def message_of(
    line: AnalyzerLine, connection: str, content: bytes, state: str, problem: dict[str, str] | None = None
) -> KeptMessage:
    """The message as it is kept, received now."""
    return KeptMessage(
        line.laboratory_id,
        line.id,
        connection,
        content,
        timezone.now(),
        state=state,
        problems=(problem,) if problem else (),
    )

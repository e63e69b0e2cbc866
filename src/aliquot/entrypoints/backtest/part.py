"""One process of a back-test; it loads Django itself, for it begins with nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    """What one process decides: this text, for a laboratory or the network, on its share of the patients."""

    text: str
    scope: str  # the laboratory whose set it is; "" for the network's
    since: datetime
    until: datetime
    laboratory_id: int | None
    sites: frozenset[int]
    at: datetime
    part: int
    parts: int


def decide_part(task: Task, said: Any) -> None:
    """Tell the queue (part, number decided) now and then, at the end (part, Tally) or (part, the fault)."""
    import django

    django.setup()
    try:
        said.put((task.part, _decided(task, said)))
    except Exception as fault:  # noqa: BLE001 - whatever it is, who waits for this part must hear of it
        said.put((task.part, RuntimeError(f"{type(fault).__name__}: {fault}")))


def _decided(task: Task, said: Any) -> object:
    from aliquot.flow.results.queries.replaying import History, book_of, tallied
    from aliquot.flow.verification.queries import check_text
    from aliquot.foundation.actors import system_actor
    from aliquot.foundation.context import acting
    from aliquot.registers.network.models import Site

    with acting(system_actor("validation", task.sites), reason="back-test"):
        scope = Site.objects.get(code=task.scope) if task.scope else None
        book = book_of(check_text(task.text, scope, at=task.at).rules)
        return tallied(
            book,
            History(task.since, task.until, task.laboratory_id),
            part=task.part,
            parts=task.parts,
            beat=lambda count: said.put((task.part, count)),
        )

"""The transaction's context: who acts, for which sites, why. Without it row security shows nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.db import transaction

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent / "sql"
NOBODY = Actor(key="", name="")
_current: ContextVar[tuple[Actor, str]] = ContextVar("aliquot_actor", default=(NOBODY, ""))


@contextmanager
def acting(by: Actor, *, reason: str = "") -> Iterator[Actor]:
    """Open a transaction in which the database knows the actor; the outer one, or nobody, returns then."""
    outer = _current.get()
    is_inside = transaction.get_connection().in_atomic_block
    token = _current.set((by, reason))
    try:
        with transaction.atomic():
            _tell(by, reason)
            yield by
            if is_inside:  # the transaction goes on: what follows must not inherit this actor's rights
                _tell(*outer)
    finally:
        _current.reset(token)


@contextmanager
def owning(by: Actor, *, reason: str) -> Iterator[Actor]:
    """Open a transaction of the owner of the tables, past row security; the audit names the actor."""
    with transaction.atomic(using="owner"):
        _tell(by, reason, using="owner")
        yield by


def state_reason(reason: str) -> None:
    """Name why the following changes of this transaction are made; the audit keeps it with each row."""
    actor, _ = _current.get()
    _current.set((actor, reason))
    _tell(actor, reason)


def current_actor() -> Actor:
    """Who acts in this transaction."""
    return _current.get()[0]


def _tell(by: Actor, reason: str, *, using: str = "default") -> None:
    sql_files.fetch_rows(
        SQL,
        "set_context",
        using=using,
        actor=by.key,
        sites="{" + ",".join(str(site) for site in sorted(by.sites)) + "}",
        person=str(by.person_id or ""),
        permissions=",".join(["", *sorted(by.permissions), ""]),
        reason=reason,
    )

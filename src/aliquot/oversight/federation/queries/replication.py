"""How replication stands: what a region publishes and who reads it, what the federation receives."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from aliquot.foundation import sql_files
from aliquot.oversight.federation.models.nodes import Node
from aliquot.oversight.federation.rules.facts import newest
from aliquot.oversight.federation.rules.standing import (
    Publishing,
    Reader,
    Remark,
    Subscribed,
    faults_of_publishing,
    faults_of_subscription,
)
from aliquot.oversight.federation.rules.statements import PARENTS, schema_of

SQL = Path(__file__).parents[1] / "sql"
EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Line:
    """The federation's line to one region, with what is wrong and what to do in the reader's language."""

    state: Subscribed
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Replication as one node sees it: a region what it publishes, the federation its lines."""

    node: Node
    publishing: Publishing | None = None
    faults: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()


def publishing_of(node: Node) -> Publishing:
    """What this region's export says of itself; the connection `export` has to be open."""
    said = sql_files.fetch_text(
        f"SELECT beat_at, complete_until FROM {schema_of(node.code)}.node_fact",  # noqa: S608 - a checked code
        using=EXPORT,
    )
    beat, complete = said[0] if said else (None, None)
    readers = sql_files.fetch(Reader, SQL, "readers", using=EXPORT)
    return Publishing(beat, complete, tuple(readers))


def subscriptions() -> list[Subscribed]:
    """Every region that this federation knows, with how its subscription stands."""
    regions = Node.objects.using("owner").filter(kind=Node.Kind.REGION, left_at__isnull=True).order_by("code")
    workers = {
        name: (enabled, connected, errors)
        for name, enabled, connected, errors in sql_files.fetch_rows(SQL, "subscriptions", using="owner")
    }
    return [_subscribed(one.code, workers.get(schema_of(one.code))) for one in regions]


def _subscribed(code: str, worker: tuple[bool, bool, int] | None) -> Subscribed:
    if worker is None:
        return Subscribed(code, is_joined=False)
    said = sql_files.fetch_text(
        f"SELECT version, beat_at, complete_until, sweeping FROM {PARENTS}.node_fact WHERE node = %s",  # noqa: S608 - a constant
        [code],
        using="owner",
    )
    version, beat, complete, sweeping = said[0] if said else (None, None, None, False)
    enabled, connected, errors = worker
    return Subscribed(
        code,
        is_joined=True,
        is_enabled=enabled,
        is_connected=connected,
        errors=errors,
        version=version,
        beat_at=beat,
        complete_until=complete,
        is_sweeping=sweeping,
        own_version=newest(),
    )


def remarks(node: Node, now: datetime) -> Iterator[Remark]:
    """All that is wrong with this node's part in the federation, whichever side it is."""
    if settings.NODE == Node.Kind.FEDERATION:
        for state in subscriptions():
            yield from faults_of_subscription(state, now)
    else:
        yield from faults_of_publishing(publishing_of(node), now)


def standing_of(node: Node, now: datetime, *, is_reached: bool) -> Standing:
    """How replication stands at this node; `is_reached`: a region's connection `export` is open."""
    if node.kind == Node.Kind.FEDERATION:
        lines = tuple(
            Line(one, tuple(map(in_words, faults_of_subscription(one, now)))) for one in subscriptions()
        )
        return Standing(node, lines=lines)
    if not is_reached:
        return Standing(node)
    state = publishing_of(node)
    return Standing(node, state, faults=tuple(map(in_words, faults_of_publishing(state, now))))


def in_words(remark: Remark) -> tuple[str, str]:
    """What is wrong and what to do, in the reader's language."""
    return gettext(remark.what).format(**dict(remark.values)), gettext(remark.remedy)

"""How the publishing of a region stands, on either side: what is wrong, and what a person does about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aliquot.oversight.federation.rules.nodes import say

SILENT = timedelta(minutes=2)
"""A publisher says every second that it is there."""
BEHIND = timedelta(minutes=5)
LOST = "lost"
UNRESERVED = "unreserved"
MEGABYTE = 1024**2

NOBODY_READS = say("Nobody reads what this region publishes.")
INVITE = say("Invite the federation: aliquot node invite; it then joins.")
READER_AWAY = say(
    "The federation does not read: {kept} MB of changes are kept for it, {left} MB more will be."
)
LOOK_AT_LINE = say("Look at the line and at the federation's server. It catches up by itself.")
READER_LOST = say("The federation stayed away too long: what it missed is kept no more.")
JOIN_AGAIN = say("Invite it again, and let it join again: facts come from the beginning.")
NOT_PUBLISHING = say("Nothing has been published since {since}.")
RUN_PUBLISH = say("See that `aliquot publish` runs, and what it logs.")
IS_BEHIND = say("Changes since {since} are not published yet.")
LET_IT = say("It catches up by itself, unless a transaction of the region stays open for hours: end that.")
NOT_JOINED = say("{node} is known and not joined.")
ASK_INVITATION = say("Ask the region for an invitation: aliquot node join FILE")
DISABLED = say("The subscription to {node} is switched off.")
LINE_DOWN = say("The line to {node} is down.")
LOOK_AT_REGION = say("Look at the line and at the region's export server. What was missed comes by itself.")
REFUSES = say("What {node} sends was refused {errors} times: {node} is not up to date.")
READ_LOG = say("Read this node's database log: it names the row. Then let the region join again.")
SILENT_REGION = say("{node} has not been heard since {since}.")
ASK_REGION = say("Ask the region whether `aliquot publish` runs there, and look at the line.")
REGION_NEWER = say("{node} can publish facts of version {theirs}; this node knows version {own}.")
UPGRADE_SELF = say("Upgrade this node, then let the region join again. Until then the older version flows.")
REGION_OLDER = say("{node} publishes facts of version {theirs}; this node knows version {own}.")
UPGRADE_REGION = say("Upgrade the region, then let it join again. Until then its newer columns are empty.")


@dataclass(frozen=True, slots=True)
class Remark:
    """A fault in the language of the source with the values of its gaps, and the remedy."""

    what: str
    remedy: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A replication slot of the export: whether it is read, what is kept for it, bytes until it is void."""

    name: str
    is_active: bool
    wal_status: str
    kept_bytes: int
    left_bytes: int | None


@dataclass(frozen=True, slots=True)
class Publishing:
    """A region's own view: when it last published, up to when everything is, who reads."""

    beat_at: datetime | None
    complete_until: datetime | None
    readers: tuple[Reader, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The federation's view of a region; None where it said nothing yet."""

    node: str
    is_joined: bool
    is_enabled: bool = False
    is_connected: bool = False
    errors: int = 0
    version: int | None = None
    beat_at: datetime | None = None
    complete_until: datetime | None = None
    is_sweeping: bool = False
    own_version: int = 1


def faults_of_publishing(state: Publishing, now: datetime) -> tuple[Remark, ...]:
    """What is wrong with what a region publishes, the worst first."""
    return tuple(_of_region(state, now))


def faults_of_subscription(state: Subscribed, now: datetime) -> tuple[Remark, ...]:
    """What is wrong with the federation's line to a region, the worst first."""
    return tuple(_of_federation(state, now))


def _of_region(state: Publishing, now: datetime) -> Iterator[Remark]:
    for reader in state.readers:
        if reader.wal_status in {LOST, UNRESERVED}:
            yield Remark(READER_LOST, JOIN_AGAIN)
        elif not reader.is_active:
            left = "?" if reader.left_bytes is None else str(reader.left_bytes // MEGABYTE)
            yield Remark(
                READER_AWAY, LOOK_AT_LINE, (("kept", str(reader.kept_bytes // MEGABYTE)), ("left", left))
            )
    if state.beat_at is None or now - state.beat_at > SILENT:
        yield Remark(NOT_PUBLISHING, RUN_PUBLISH, (("since", _moment(state.beat_at)),))
    elif state.complete_until is None or now - state.complete_until > BEHIND:
        yield Remark(IS_BEHIND, LET_IT, (("since", _moment(state.complete_until)),))
    if not state.readers:
        yield Remark(NOBODY_READS, INVITE)


def _of_federation(state: Subscribed, now: datetime) -> Iterator[Remark]:
    node = ("node", state.node)
    if not state.is_joined:
        yield Remark(NOT_JOINED, ASK_INVITATION, (node,))
        return
    if state.errors:
        yield Remark(REFUSES, READ_LOG, (node, ("errors", str(state.errors))))
    if not state.is_enabled:
        yield Remark(DISABLED, JOIN_AGAIN, (node,))
    elif not state.is_connected:
        yield Remark(LINE_DOWN, LOOK_AT_REGION, (node,))
    elif state.beat_at is None or now - state.beat_at > SILENT:
        yield Remark(SILENT_REGION, ASK_REGION, (node, ("since", _moment(state.beat_at))))
    if state.version is not None and state.version != state.own_version:
        skew = (node, ("theirs", str(state.version)), ("own", str(state.own_version)))
        is_newer = state.version > state.own_version
        yield (
            Remark(REGION_NEWER, UPGRADE_SELF, skew)
            if is_newer
            else Remark(REGION_OLDER, UPGRADE_REGION, skew)
        )


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "..."

"""The line of an analyzer as a person watches it: what it does, how busy it was, how far its readings got."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.shell.charts import Bar, HourColumn
from aliquot.entrypoints.web.shell.wording import duration_text, number_text
from aliquot.flow.instruments.models import LineState, Reading
from aliquot.flow.instruments.queries import WatchedLine
from aliquot.flow.instruments.queries.traffic import Hour, Reached
from aliquot.flow.instruments.rules.alarms import describe_alarm

DAY_HOURS = 24
MINUTE = 60
KINDS = {"connected": "good", "reconnecting": "notice", "failed": "notice"}
STAGES = Reading.Stage.values


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as it is now, in words; `kind` is a badge, an alarm says its remedy."""

    kind: str
    words: str
    since: datetime | None
    last_byte_at: datetime | None
    refused: str
    frames: str
    clock: str
    clock_note: str
    oldest_note: str
    to_send: int
    failed_note: str
    alarms: list[str]


def line_rows(lines: Iterable[WatchedLine], *, at: datetime) -> dict[int, LineRow]:
    """Every line in words, by its analyzer's id."""
    return {one.health.analyzer_id: _line_row(one, at) for one in lines}


def _line_row(line: WatchedLine, at: datetime) -> LineRow:
    health = line.health
    recent = health.window_accepted + health.window_refused
    is_connected = health.state == "connected"
    return LineRow(
        kind=KINDS.get(health.state, "neutral"),
        words=str(LineState.State(health.state).label) if health.state else _("not opened yet"),
        since=health.connected_since if is_connected and health.connected_since else health.state_since,
        last_byte_at=health.last_byte_at,
        refused=f"{number_text(100 * health.refused_share, 1)} %",
        frames=_("%(refused)d of %(all)d frames lately") % {"refused": health.window_refused, "all": recent},
        clock=_clock(health.clock_skew_seconds),
        clock_note=_clock_note(health.clock_skew_seconds),
        oldest_note=_oldest_note(at, health.oldest_unread_at),
        to_send=health.queued,
        failed_note=_failed_note(health.undelivered),
        alarms=[describe_alarm(one, get_language() or "en") for one in line.alarms],
    )


def _clock(skew: float | None) -> str:
    if skew is None:
        return "—"
    if abs(skew) < MINUTE:
        return _("right")
    words = {"time": duration_text(timedelta(seconds=skew))}
    return (_("%(time)s fast") if skew > 0 else _("%(time)s slow")) % words


def _clock_note(skew: float | None) -> str:
    if skew is None:
        return _("it has not said the time yet")
    return _("within a minute of ours") if abs(skew) < MINUTE else _("against ours")


def _oldest_note(at: datetime, oldest: datetime | None) -> str:
    if oldest is None:
        return _("everything was read")
    return _("the oldest for %(time)s") % {"time": duration_text(at - oldest)}


def _failed_note(failed: int) -> str:
    if not failed:
        return ""
    return ngettext("%(count)d was not taken", "%(count)d were not taken", failed) % {"count": failed}


def hour_columns(found: Iterable[Hour], zone: ZoneInfo) -> list[HourColumn]:
    """The last 24 hours, those without a message too."""
    by_hour = {one.hour: one for one in found}
    last = timezone.now().replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=back) for back in range(DAY_HOURS - 1, -1, -1)]
    return [_column(hour.astimezone(zone), by_hour.get(hour)) for hour in hours]


def _column(hour: datetime, found: Hour | None) -> HourColumn:
    received, waiting = (found.received, found.waiting) if found else (0, 0)
    text = ngettext("%(count)d message", "%(count)d messages", received) % {"count": received}
    if waiting:
        text += ", " + _("%(count)d waiting") % {"count": waiting}
    return HourColumn(f"{hour:%H}", received, waiting, text)


def reached_bars(found: Sequence[Reached]) -> list[Bar]:
    """How far today's readings got: read, mapped, matched, filed, and what waits for a person."""
    labels = (
        _("Read from messages"),
        _("Code has a meaning here"),
        _("Belongs to an ordered test"),
        _("Filed"),
    )
    said = [one for one in found if one.state not in {"kept", "control"}]
    rows = []
    for place, label in enumerate(labels):
        count = sum(one.readings for one in said if STAGES.index(one.stage) >= place)
        rows.append(Bar(label, count, number_text(count)))
    others = (
        ("control", _("Control material")),
        ("kept", _("Kept, not reported")),
        ("duplicate", _("Repeated by the analyzer")),
        ("quarantined", _("Waits for a person")),
    )
    for state, label in others:
        if count := sum(one.readings for one in found if one.state == state):
            kind: Literal["notice", "plain"] = "notice" if state == "quarantined" else "plain"
            rows.append(Bar(label, count, number_text(count), kind))
    return rows if found else []

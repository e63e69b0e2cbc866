"""The lines to the analyzers in an administrator's words: what each does now, and what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import LineState
from aliquot.flow.instruments.queries import WatchedLine, watched_lines
from aliquot.flow.instruments.rules.alarms import describe_alarm

KINDS = {"connected": "good", "reconnecting": "notice", "failed": "notice"}


@dataclass(frozen=True, slots=True)
class LineWords:
    """A line as a badge, its alarms as sentences; `grave`: those with which results or orders stand still."""

    code: str
    name: str
    kind: str
    words: str
    alarms: list[str]
    grave: list[str]


def lines_of(site_id: int, *, at: datetime, analyzer_id: int | None = None) -> dict[str, LineWords]:
    """The lines of a laboratory, or of one analyzer of it, by the analyzer's code."""
    found = watched_lines(at=at, site_id=site_id, analyzer_id=analyzer_id)
    return {one.health.code: _words(one) for one in found}


def _words(line: WatchedLine) -> LineWords:
    health, language = line.health, get_language() or "en"
    said = [(one.severity, describe_alarm(one, language)) for one in line.alarms]
    kind, words = KINDS.get(health.state, "neutral"), _("not opened yet")
    if not health.is_active:
        kind, words = "neutral", _("not connected")
    elif health.stopped_since:
        kind, words = "notice", _("driver stopped")
    elif health.state:
        words = str(LineState.State(health.state).label)
    return LineWords(
        health.code,
        health.name,
        kind,
        words,
        alarms=[each for _severity, each in said],
        grave=[each for severity, each in said if severity == "danger"],
    )

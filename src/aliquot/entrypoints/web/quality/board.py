"""The board of control: what to act on first, then everything that is controlled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aliquot.entrypoints.web.quality.words import Said, verdict_said
from aliquot.entrypoints.web.shell.wording import day_text
from aliquot.flow.quality.models import ControlLot, ReleaseState
from aliquot.flow.quality.queries import BoardRow
from aliquot.foundation.naming import is_russian
from aliquot.oversight.proficiency.models import Participation, PlannedRound
from aliquot.oversight.proficiency.queries import Pressing

SHOWN_CODES = 12
MOST_COUNTED = 200
"""So many values without a lot are looked for."""
NEAR = timedelta(hours=12)
OUT = ReleaseState.Control.OUT_OF_CONTROL
IN = ReleaseState.Control.IN_CONTROL


@dataclass(frozen=True, slots=True)
class Act:
    """Something to act on: a badge, what it is about, why, since when, and the page where one acts."""

    kind: str
    badge: str
    about: str
    why: str
    since: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A test on an analyzer: its badge, its last run and when the next is due."""

    analyzer: str
    said: Said
    last_at: datetime | None
    due_at: datetime | None
    is_overdue: bool
    url: str
    at: datetime

    @property
    def last_form(self) -> str:
        """The hour alone, where it is of this day."""
        return _form(self.last_at, self.at)

    @property
    def due_form(self) -> str:
        """The same for the next run."""
        return _form(self.due_at, self.at)


@dataclass(frozen=True, slots=True)
class Line:
    """A test and a cell for each analyzer; None where it is not controlled there."""

    code: str
    name: str
    cells: list[Cell | None]


def acts_of_assessment(found: Pressing, place: str, at: datetime, *, may_arrange: bool) -> list[Act]:
    """Results of external assessment that are late or near, rounds that should have come, or be evaluated."""
    acts = [_return(one, place, at) for one in found.returns]
    if may_arrange:
        acts += [_awaited(one) for one in found.awaited]
        acts += [
            Act("notice", _("not evaluated"), one.code, _("the deadline passed a month ago"), one.submit_by,
                reverse("quality:eqa-round", args=[one.pk]))
            for one in found.unevaluated
        ]  # fmt: skip
    return acts


def _return(part: Participation, place: str, at: datetime) -> Act:
    """A round that this laboratory has not submitted."""
    badge = _("results late") if at > part.round.submit_by else _("results due")
    why = _("external assessment: nothing is submitted yet")
    url = reverse("quality:eqa-sheet", args=[part.round_id, place])
    return Act("notice", badge, part.round.code, why, part.round.submit_by, url)


def _awaited(planned: PlannedRound) -> Act:
    """A round of the calendar whose samples should be here."""
    day = day_text(planned.samples_on)
    why = _("expected on %(day)s: open it, or ask the provider") % {"day": day}
    url = f"{reverse('quality:eqa-calendar')}#planned-{planned.pk}"
    return Act("notice", _("samples overdue"), planned.scheme, why, None, url)


def acts_of(
    rows: Sequence[BoardRow], unfiled: int, lots: Iterable[ControlLot], at: datetime, *, may_set_up: bool
) -> list[Act]:
    """What to act on, the most pressing first: what stops results, what will, what nobody looked at."""
    found = [act for row in rows for act in _stopped(row)]
    found += _overdue([row for row in rows if row.is_overdue(at) and row.state != OUT], at)
    if unfiled:
        words = _unfiled_words(unfiled)
        found.append(Act("notice", _("no lot"), _("Controls"), words, None, reverse("quality:unfiled")))
    if may_set_up:
        found += [_expiring(lot, at) for lot in lots]
    return found


def lines_of(rows: Sequence[BoardRow], at: datetime) -> tuple[list[str], list[Line]]:
    """The analyzers across, and a line for each test."""
    analyzers = {
        row.analyzer_id: row.analyzer_name for row in sorted(rows, key=lambda one: one.analyzer_code)
    }
    by_test: dict[int, dict[int, BoardRow]] = {}
    for row in rows:
        by_test.setdefault(row.test_id, {})[row.analyzer_id] = row
    lines = [_line(found, analyzers, at) for found in by_test.values()]
    return list(analyzers.values()), lines


def chart_url(analyzer_code: str, test_code: str) -> str:
    """The page of a test on an analyzer."""
    return reverse("quality:chart", args=[analyzer_code, test_code])


def state_said(row: BoardRow) -> Said:
    """How a test on an analyzer stands, in words that say why."""
    if row.state == OUT:
        return Said("danger", _("out of control"))
    if row.last_verdict == "establishing" and row.state != IN:
        return verdict_said(row.last_verdict)
    if row.state == IN:
        return verdict_said("warning") if row.last_verdict == "warning" else Said("good", _("in control"))
    return Said("notice", _("results wait")) if row.plan_id else Said("neutral", _("not known"))


def _line(found: dict[int, BoardRow], analyzers: Iterable[int], at: datetime) -> Line:
    first = next(iter(found.values()))
    name = first.name_ru if is_russian() else first.name_en
    return Line(first.test_code, name, [_cell(found.get(one), at) for one in analyzers])


def _cell(row: BoardRow | None, at: datetime) -> Cell | None:
    if row is None:
        return None
    url = chart_url(row.analyzer_code, row.test_code)
    return Cell(row.analyzer_name, state_said(row), row.last_at, row.due_at, row.is_overdue(at), url, at)


def _form(moment: datetime | None, at: datetime) -> str:
    return "time" if moment is not None and abs(moment - at) < NEAR else "short"


def _stopped(row: BoardRow) -> list[Act]:
    about, url = f"{row.test_code}, {row.analyzer_name}", chart_url(row.analyzer_code, row.test_code)
    if row.broken_rules:
        why = ", ".join(row.broken_rules)
        return [Act("danger", _("rejected run"), about, why, row.broken_at, url)]
    if row.alarms:
        why = _("patient results moved: %(what)s") % {"what": row.state_note}
        return [Act("danger", _("alarm"), about, why, row.alarm_at, reverse("quality:monitors"))]
    if row.state != OUT:
        return []
    why = _("measure a good run") if row.is_by_rule else row.state_note or _("a person said so")
    return [Act("danger", _("out of control"), about, why, row.state_since, url)]


def _unfiled_words(count: int) -> str:
    if count >= MOST_COUNTED:
        return _("%(count)d values or more belong to no lot") % {"count": count}
    words = ngettext("%(count)d value belongs to no lot", "%(count)d values belong to no lot", count)
    return words % {"count": count}


def _overdue(rows: Sequence[BoardRow], at: datetime) -> list[Act]:
    """One line for each analyzer: its controls are measured together."""
    by_analyzer: dict[int, list[BoardRow]] = {}
    for row in rows:
        by_analyzer.setdefault(row.analyzer_id, []).append(row)
    return [_overdue_at(found, at) for found in by_analyzer.values()]


def _overdue_at(rows: Sequence[BoardRow], at: datetime) -> Act:
    first = min(rows, key=lambda one: one.due_at or at)
    codes = ", ".join(one.test_code for one in rows[:SHOWN_CODES])
    codes += " …" if len(rows) > SHOWN_CODES else ""
    url = chart_url(first.analyzer_code, first.test_code)
    return Act("notice", _("run overdue"), first.analyzer_name, codes, first.due_at, url)


def _expiring(lot: ControlLot, at: datetime) -> Act:
    is_over = lot.expires_at is not None and lot.expires_at <= at
    about = _("%(material)s, lot %(lot)s") % {"material": lot.material.name, "lot": lot.number}
    url = reverse("quality:material", args=[lot.material_id])
    badge = _("lot expired") if is_over else _("lot expires soon")
    return Act("notice", badge, about, _("measure the next lot beside it"), lot.expires_at, url)

"""The chart of a test on an analyzer: values as points, what changed, what was broken, figures by month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.quality.words import Said, causes, rule_meaning, verdict_said
from aliquot.entrypoints.web.shell.charts import (
    Change,
    ControlPoint,
    YoudenPoint,
    levey_jennings,
    svg,
    youden,
)
from aliquot.entrypoints.web.shell.charts.levey_jennings import shape
from aliquot.entrypoints.web.shell.wording import figure_text, number_text, time_text
from aliquot.flow.quality.models import ControlViolation
from aliquot.flow.quality.queries import SeriesPoint
from aliquot.registers.people.queries import names_of

TWO = 2
MOST_PAIRS = 200
"""Runs that a Youden chart shows: more cover one another."""


@dataclass(frozen=True, slots=True)
class Key:
    """The mark of a level, and what it is."""

    drawing: SafeString
    words: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in the table: its verdict and its values."""

    number: int
    at: datetime
    said: Said
    is_complete: bool
    points: list[SeriesPoint]


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken rule with what it means and where to look."""

    violation: ControlViolation
    means: str
    look: str
    levels: str
    closed_by: str


def drawing_of(
    series: Sequence[SeriesPoint], violations: Iterable[ControlViolation], zone: ZoneInfo
) -> SafeString:
    """The Levey-Jennings picture of what has a target; '' without any."""
    marks, words = _marks(violations), _Words(zone)
    points = [_point(one, marks, words) for one in series if one.z is not None]
    said = _("%(points)s values of %(runs)s runs, in SD from the target") % {
        "points": number_text(len(points)),
        "runs": number_text(len({one.run for one in points})),
    }
    drawn = levey_jennings(
        points,
        changes_of(series),
        _days(series, zone),
        title=_("Levey-Jennings chart"),
        description=said,
    )
    return _safe(drawn)


def changes_of(series: Sequence[SeriesPoint]) -> list[Change]:
    """Where a lot, a target, the reagent's or the calibrator's lot changed, once for each run."""
    found: dict[tuple[int, str, str], Change] = {}
    for level in {one.level for one in series}:
        own = [one for one in series if one.level == level]
        for before, now in pairwise(own):
            for kind, text in _differences(before, now):
                found.setdefault((now.run, kind, text), Change(now.run, kind, text))
    return sorted(found.values(), key=lambda one: (one.run, one.kind))


def youden_of(series: Sequence[SeriesPoint]) -> SafeString:
    """The picture of two levels against each other; '' where fewer were measured together."""
    levels = sorted({one.level for one in series})[:TWO]
    if len(levels) < TWO:
        return _safe("")
    by_run: dict[int, dict[int, SeriesPoint]] = {}
    for one in series:
        if one.z is not None and one.is_counted:
            by_run.setdefault(one.run, {})[one.level] = one
    whole = [found for found in by_run.values() if set(levels) <= set(found)]
    points = [_pair(found[levels[0]], found[levels[1]]) for found in whole[-MOST_PAIRS:]]
    names = [_("level %(level)s, SD") % {"level": level} for level in levels]
    said = _("%(runs)s runs with both levels") % {"runs": number_text(len(points))}
    return _safe(youden(points, across=names[0], up=names[1], title=_("Youden chart"), description=said))


def keys_of(series: Sequence[SeriesPoint]) -> list[Key]:
    """Each level with its mark and the lot measured last."""
    newest = {one.level: one for one in series}
    return [_key(level, newest[level]) for level in sorted(newest)]


def runs_of(series: Iterable[SeriesPoint], most: int) -> list[RunLine]:
    """The newest runs with their values."""
    by_run: dict[int, list[SeriesPoint]] = {}
    for one in series:
        by_run.setdefault(one.run, []).append(one)
    newest = sorted(by_run, reverse=True)[:most]
    return [_run(number, by_run[number]) for number in newest]


def broken_of(violations: Sequence[ControlViolation], series: Iterable[SeriesPoint]) -> list[Broken]:
    """Broken rules in words, with the levels of the points that they rest on and who answered."""
    levels = {one.id: one.level for one in series}
    names = names_of(one.closed_by for one in violations if one.closed_by)
    return [
        Broken(
            violation=one,
            means=rule_meaning(one.rule, one.variant),
            look=causes(one.error),
            levels=", ".join(
                str(level) for level in sorted({levels[pk] for pk in one.points if pk in levels})
            ),
            closed_by=names[one.closed_by].name if one.closed_by else "",
        )
        for one in violations
    ]


def value_said(one: SeriesPoint) -> str:
    """The value with its unit and z, as a person reads it."""
    z = "" if one.z is None else f" ({_sd(one)})"
    return f"{figure_text(one.value)} {one.unit}".strip() + z


def _sd(one: SeriesPoint) -> str:
    return _("%(figure)s SD") % {"figure": number_text(one.z, 2, signed=True)}


def _marks(violations: Iterable[ControlViolation]) -> Mapping[int, tuple[str, tuple[str, ...]]]:
    """By control result: the gravest severity, and the names of the rules that end there."""
    severity: dict[int, str] = {}
    names: dict[int, dict[str, None]] = {}
    for one in sorted(violations, key=lambda found: found.is_rejection):
        for pk in one.points:
            severity[pk] = "rejection" if one.is_rejection else "warning"
        if one.points:
            names.setdefault(one.points[-1], {})[one.rule] = None
    return {pk: (kind, _telling(names.get(pk, {}), kind)) for pk, kind in severity.items()}


def _telling(names: Iterable[str], kind: str) -> tuple[str, ...]:
    """Where a rejection stands the warning behind it goes without saying."""
    return tuple(one for one in names if kind == "warning" or one != "1-2s")


class _Words:
    """What is said of a point on hover; sentences and days are looked up once for all of them."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.point = _("run %(run)s, level %(level)s: %(value)s; %(time)s")
        self.aside = _("set aside: %(why)s")
        self._days: dict[date, str] = {}

    def day(self, local: datetime) -> str:
        """The day, as a person writes it."""
        if local.date() not in self._days:
            self._days[local.date()] = time_text(local, self.zone, "day")
        return self._days[local.date()]

    def of(self, one: SeriesPoint) -> str:
        """Run, level, value, time, and why it is set aside."""
        local = one.measured_at.astimezone(self.zone)
        time = f"{self.day(local)}, {local:%H:%M}"
        said = {"run": one.run, "level": one.level, "value": value_said(one), "time": time}
        text = self.point % said
        return text if one.is_counted else f"{text}; {self.aside % {'why': one.note}}"


def _point(one: SeriesPoint, marks: Mapping[int, tuple[str, tuple[str, ...]]], words: _Words) -> ControlPoint:
    severity, rules = marks.get(one.id, ("", ()))
    assert one.z is not None
    return ControlPoint(
        run=one.run,
        level=one.level,
        z=float(one.z),
        text=words.of(one),
        series=(one.lot_id, one.target_id),
        is_counted=one.is_counted,
        severity=severity,
        rules=rules,
    )


def _differences(before: SeriesPoint, now: SeriesPoint) -> list[tuple[str, str]]:
    found = []
    if before.lot_id != now.lot_id:
        found.append(("lot", _("lot %(lot)s") % {"lot": now.lot}))
    elif before.target_id is not None and before.target_id != now.target_id:
        found.append(("target", _("new target")))
    if now.reagent_lot and before.reagent_lot != now.reagent_lot:
        found.append(("reagent", _("reagent %(lot)s") % {"lot": now.reagent_lot}))
    if now.calibrator_lot and before.calibrator_lot != now.calibrator_lot:
        found.append(("calibrator", _("calibrator %(lot)s") % {"lot": now.calibrator_lot}))
    return found


def _days(series: Sequence[SeriesPoint], zone: ZoneInfo) -> list[tuple[int, str]]:
    """The first run of each day; of a single day, the hours of its runs."""
    first: dict[date | str, tuple[int, datetime]] = {}
    has_days = len({one.measured_at.astimezone(zone).date() for one in series}) > 1
    for one in series:
        local = one.measured_at.astimezone(zone)
        first.setdefault(local.date() if has_days else f"{local:%H:%M}", (one.run, local))
    if has_days:
        return [(run, time_text(at, zone, "day").rsplit(" ", 1)[0]) for run, at in first.values()]
    return [(run, f"{at:%H:%M}") for run, at in first.values()]


def _pair(across: SeriesPoint, up: SeriesPoint) -> YoudenPoint:
    assert across.z is not None
    assert up.z is not None
    words = _("run %(run)s: %(one)s; %(other)s") % {
        "run": across.run,
        "one": value_said(across),
        "other": value_said(up),
    }
    return YoudenPoint(float(across.z), float(up.z), words, is_rejected=across.verdict == "rejected")


def _key(level: int, newest: SeriesPoint) -> Key:
    mark = shape(level, 10.0, 10.0, 6.0, class_=f"lj-point lj-level-{min(level, 5)}")
    drawn = svg.tag("svg", mark, viewBox="0 0 20 20", aria_hidden="true")
    words = _("level %(level)s: %(material)s, lot %(lot)s") % {
        "level": level,
        "material": newest.material,
        "lot": newest.lot,
    }
    return Key(_safe(drawn), words)


def _run(number: int, points: list[SeriesPoint]) -> RunLine:
    first = points[0]
    at = min(one.measured_at for one in points)
    return RunLine(number, at, verdict_said(first.verdict), first.is_complete, points)


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - charts escape every text they are given

"""Monitors as a person reads them: in words, as figures, as pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from aliquot.entrypoints.web.shell.charts.detection import DetectionPoint, detection
from aliquot.entrypoints.web.shell.charts.moving import MovingAlarm, MovingPoint, moving, scale_values
from aliquot.entrypoints.web.shell.wording import figure_text, number_text, time_text
from aliquot.flow.quality.models import MonitorAlarm, MonitorDesign, PatientMonitor

PROCEDURES = {
    "moving_average": lazy("moving average"),
    "moving_median": lazy("moving median"),
    "ewma": lazy("weighted moving average (EWMA)"),
    "moving_sd": lazy("moving SD"),
    "bull": lazy("Bull's algorithm"),
    "moving_sum_of_outliers": lazy("moving sum of outliers"),
    "moving_percentile": lazy("moving percentile"),
}
SHORTFALLS = {
    "false_alarms": lazy("more false alarms than were permitted, on days that the limits do not know"),
    "undetected": lazy("the allowable error is not found, or hardly sooner than a false alarm comes"),
    "slow": lazy("the allowable error is found after more results than a day has"),
}
TICKS = 12
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """How fast an error is found, in words: its size, mean, median and 95 % of results, share not found."""

    size: str
    mean: str
    median: str
    late: str
    missed: str
    is_allowable: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate of a trial: what it is, its limits, false alarms a day, how soon it finds an error."""

    place: int
    words: str
    limits: str
    false_alarms: str
    alarm_days: str
    median: str
    late: str
    is_fit: bool
    shortfalls: list[str]


def number(value: float | None, digits: int = 4) -> str:
    """A computed number with so many significant digits; a dash for none."""
    return figure_text(None if value is None else Decimal(repr(value)), digits)


def words_of(settings: Mapping[str, Any]) -> str:
    """A monitor in a few words: its procedure, its window, what becomes of outliers."""
    name = str(PROCEDURES.get(settings["procedure"], settings["procedure"]))
    found = _("%(procedure)s of %(count)s") % {"procedure": name, "count": settings["block"]}
    cut = settings.get("truncation")
    if settings.get("treatment") == "winsorise" and cut:
        found += ", " + _("values beyond %(low)s and %(high)s set there") % _pair(cut)
    elif settings.get("treatment") == "exclude" and cut:
        found += ", " + _("values beyond %(low)s and %(high)s left out") % _pair(cut)
    return found


def limits_of(settings: Mapping[str, Any]) -> str:
    """The control limits: from – to."""
    low, high = settings.get("limits") or (None, None)
    return f"{number(low)} – {number(high)}"


def inclusion_of(inclusion: Mapping[str, Any]) -> list[str]:
    """Which patients count, a sentence each; nothing when all do."""
    found = []
    if inclusion.get("urgencies") == ["R"]:
        found.append(_("only routine orders"))
    if inclusion.get("without_wards"):
        found.append(_("without %(wards)s") % {"wards": ", ".join(inclusion["without_wards"])})
    if inclusion.get("least_age_days"):
        found.append(
            _("from %(years)s years of age") % {"years": round(inclusion["least_age_days"] / 365.25)}
        )
    if not inclusion.get("is_flagged", True):
        found.append(_("without results that the analyzer flagged"))
    return found


def shortfalls_of(design: Mapping[str, Any]) -> list[str]:
    """Where a monitor falls short of what was asked, a sentence each."""
    return [str(SHORTFALLS.get(one, one)) for one in design.get("shortfalls", ())]


def alarm_days_of(design: Mapping[str, Any]) -> str:
    """On how many of the days held out there was a false alarm; nothing without a record."""
    found = design.get("false_alarms")
    return _("%(count)d of %(days)d") % {"count": found["alarm_days"], "days": found["days"]} if found else ""


def tried_of(candidates: Sequence[Mapping[str, Any]]) -> list[Tried]:
    """The candidates of a trial in their order, the best first."""
    return [_tried(place, one) for place, one in enumerate(candidates)]


def curve_of(design: Mapping[str, Any]) -> list[Found]:
    """The detection curve as rows; size 0 is left to the false alarms."""
    return [_found(one, design["tea"]) for one in _curve(design)]


def _curve(design: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Scatter that is added has one direction only."""
    is_scatter = design.get("error") == MonitorDesign.Error.IMPRECISION
    return [one for one in design.get("curve", ()) if not is_scatter or one["size"] >= 0]


def detection_drawing(design: Mapping[str, Any]) -> SafeString:
    """The detection curve as a picture; empty without one."""
    rows = list(zip(_curve(design), curve_of(design), strict=True))
    points = [
        DetectionPoint(one["size"], row.size, one["anped"], one["mnped"], one["p95"], _sentence(row))
        for one, row in rows
    ]
    drawing = detection(
        points,
        allowable=design.get("tea", 0.0),
        title=_("Results until an error is found"),
        description="; ".join(one.text for one in points),
        axes=(_("error, %"), _("results")),
        never=_("never"),
    )
    return mark_safe(drawing)  # noqa: S308 - every text of it is escaped


def path_drawing(
    monitor: PatientMonitor,
    path: Sequence[tuple[datetime, float]],
    alarms: Iterable[MonitorAlarm],
    zone: tzinfo,
) -> SafeString:
    """The statistic in time with its limits and alarms as a picture; empty without points."""
    points = [MovingPoint(at, value) for at, value in path]
    low, high = monitor.settings.get("limits") or (None, None)
    first = points[0].at if points else None
    told = [_alarm(one, zone) for one in alarms if first is not None and one.found_at >= first]
    known = [one.value for one in points] + [one for one in (low, high) if one is not None]
    figures = [(value, number(value)) for value in scale_values(known)]
    drawing = moving(
        points,
        told,
        _days(points, zone),
        limits=(low, high),
        figures=figures,
        title=_("Statistic over patients' results"),
        description=_("limits %(limits)s; alarms: %(count)d")
        % {"limits": limits_of(monitor.settings), "count": len(told)},
    )
    return mark_safe(drawing)  # noqa: S308 - every text of it is escaped


def alarm_words(alarm: MonitorAlarm) -> str:
    """To which side the statistic left its limits, and how far it stood."""
    words = {"value": number(alarm.statistic)}
    if alarm.is_high:
        return _("above its upper limit: %(value)s") % words
    return _("below its lower limit: %(value)s") % words


def _pair(cut: Sequence[float | None]) -> dict[str, str]:
    return {"low": number(cut[0]), "high": number(cut[1])}


def _tried(place: int, one: Mapping[str, Any]) -> Tried:
    slowest = _slowest(one)
    return Tried(
        place,
        words_of(one["monitor"]),
        limits_of(one["monitor"]),
        number(one["false_alarms"]["alarms"] / max(1, one["false_alarms"]["days"]), 2),
        alarm_days_of(one),
        _count(slowest["mnped"]),
        _count(slowest["p95"]),
        not one["shortfalls"],
        shortfalls_of(one),
    )


def _slowest(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """The slower direction at the allowable error."""
    at_tea = [point for point in one["curve"] if abs(abs(point["size"]) - one["tea"]) < one["tea"] / 100]
    return max(at_tea, key=lambda point: (point["mnped"] is None, point["mnped"] or 0.0, point["anped"]))


def _found(one: Mapping[str, Any], tea: float) -> Found:
    size = number_text(round(Decimal(repr(one["size"] * 100)), 1).normalize() + 0, signed=True)
    return Found(
        size,
        number(one["anped"], 3),
        _count(one["mnped"]),
        _count(one["p95"]),
        f"{number_text(one['undetected'] * 100, 0)} %",
        abs(abs(one["size"]) - tea) < tea / 100,
    )


def _sentence(row: Found) -> str:
    return _("%(size)s %%: median %(median)s, mean %(mean)s, 95 %% within %(late)s") % {
        "size": row.size, "median": row.median, "mean": row.mean, "late": row.late
    }  # fmt: skip


def _count(results: float | None) -> str:
    return "—" if results is None else number_text(results, 0)


def _alarm(one: MonitorAlarm, zone: tzinfo) -> MovingAlarm:
    words = f"{time_text(one.found_at, zone, 'full')}: {alarm_words(one)}"
    return MovingAlarm(one.found_at, one.statistic, words, one.closed_at is None)


def _days(points: Sequence[MovingPoint], zone: tzinfo) -> list[tuple[datetime, str]]:
    """Midnights of the place between the first and the last point; hours where it is less than two days."""
    if not points:
        return []
    first, last = points[0].at.astimezone(zone), points[-1].at
    if last - first < 2 * DAY:
        begin = first.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        hours = max(1, round((last - first) / timedelta(hours=TICKS)))
        moments = [begin + timedelta(hours=hours * place) for place in range(TICKS * 2)]
        return [(one, time_text(one, zone, "time")) for one in moments if one <= last]
    begin = first.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    step = max(1, round((last - first) / DAY / TICKS))
    moments = [begin + step * DAY * place for place in range(TICKS * 2)]
    return [(one, time_text(one, zone, "day").rpartition(" ")[0]) for one in moments if one <= last]

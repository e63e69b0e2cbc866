"""The lines of the pages: an indicator with its trend, a time with its percentiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from aliquot.entrypoints.web.quality.indicators.asked import Asked
from aliquot.entrypoints.web.quality.indicators.pictures import Point, Stretch, sparkline, stretches
from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.foundation.naming import is_russian
from aliquot.oversight.insight.queries import MonthFigure, definitions
from aliquot.oversight.insight.rules.definitions import Indicator, Leg, Uncounted
from aliquot.oversight.insight.rules.tiers import Figure, Tier, judge
from aliquot.oversight.insight.rules.times import Spread

PHASES: Mapping[str, Promise] = {
    "pre": gettext_lazy("Before the examination"),
    "intra": gettext_lazy("Examination"),
    "post": gettext_lazy("After the examination"),
    "outcome": gettext_lazy("Outcome"),
}
HOUR, DAY = 60, 24 * 60
PERCENT_DECIMALS, FEW = 3, 10


@dataclass(frozen=True, slots=True)
class Row:
    """An indicator in the chosen month with its year."""

    known: Indicator
    name: str
    of: str
    figure: Figure
    tier: Said | None
    spark: SafeString


@dataclass(frozen=True, slots=True)
class Phase:
    """The indicators of one phase of the work."""

    name: str | Promise
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class TimeRow:
    """A time between two steps: how many tubes, its percentiles in words and as a bar."""

    code: str
    name: str
    n: int
    words: str
    bar: SafeString


def phases_of(found: Iterable[MonthFigure], asked: Asked) -> list[Phase]:
    """Every indicator that is defined, by phase; one that was never counted has no rate."""
    by_code: dict[str, dict[date, Figure]] = {}
    for one in found:
        by_code.setdefault(one.code, {})[one.month] = one.figure
    rows = [_row(known, by_code.get(known.code, {}), asked) for known in definitions().indicators.values()]
    rows.sort(key=lambda one: [*PHASES].index(one.known.phase))
    return [Phase(PHASES[phase], list(those)) for phase, those in groupby(rows, lambda one: one.known.phase)]


def tier_said(tier: Tier) -> Said | None:
    """A tier as a badge with its word; nothing where no tiers are published."""
    words = {
        Tier.HIGH: ("good", pgettext("performance", "high")),
        Tier.MEDIUM: ("neutral", pgettext("performance", "medium")),
        Tier.LOW: ("notice", pgettext("performance", "low")),
    }
    return Said(*words[tier]) if tier in words else None


def name_of(known: Indicator | Leg | Uncounted) -> str:
    """What it is called in the reader's language."""
    return known.name_ru if is_russian() else known.name_en


def why_not(known: Uncounted) -> str:
    """Why it is not counted, in the reader's language."""
    return known.why_ru if is_russian() else known.why_en


def of_what(known: Indicator) -> str:
    """What its denominator is made of, in the reader's language."""
    return known.of_ru if is_russian() else known.of_en


def times_of(found: Mapping[str, Spread], *, urgent: bool) -> list[TimeRow]:
    """The times between the steps as bars: the middle eight of ten tubes, the median as a mark."""
    known = [
        one
        for one in definitions().legs.values()
        if one.code in found and found[one.code].n and (urgent or not one.test)
    ]
    drawn = [_stretch(name_of(one), found[one.code]) for one in known]
    return [
        TimeRow(leg.code, one.name, found[leg.code].n, one.text, bar)
        for leg, one, bar in zip(known, drawn, stretches(drawn), strict=True)
    ]


def minutes_text(minutes: float) -> str:
    """A time as a person reads it: minutes, hours, days."""
    if minutes < HOUR:
        return _("%(count)s min") % {
            "count": number_text(round(minutes, 1) if minutes < FEW else round(minutes))
        }
    if minutes < 2 * DAY:
        return _("%(count)s h") % {"count": number_text(round(minutes / HOUR, 1))}
    return _("%(count)s d") % {"count": number_text(round(minutes / DAY, 1))}


def _row(known: Indicator, months: Mapping[date, Figure], asked: Asked) -> Row:
    figure = months.get(asked.month) or judge(0, 0)
    return Row(
        known=known,
        name=name_of(known),
        of=of_what(known),
        figure=figure,
        tier=tier_said(figure.tier),
        spark=_spark(known, months, asked.months),
    )


def _spark(known: Indicator, months: Mapping[date, Figure], shown: Sequence[date]) -> SafeString:
    points = []
    for month in shown:
        rate = months[month].rate if month in months else None
        words = "" if rate is None else f"{month:%Y-%m}: {number_text(rate, PERCENT_DECIMALS)} %"
        points.append(Point(None if rate is None else float(rate), words))
    return sparkline(points, title=name_of(known))


def _stretch(name: str, found: Spread) -> Stretch:
    low, middle, high = found.minutes
    words = " – ".join(minutes_text(one) for one in found.minutes)
    return Stretch(name, low, middle, high, words)

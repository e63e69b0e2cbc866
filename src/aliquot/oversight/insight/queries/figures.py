"""Figures of the indicators from the daily facts: by month, by site, and the tubes behind each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TypeVar

from aliquot.foundation import sql_files
from aliquot.oversight.insight.models import IndicatorDue, IndicatorProgress
from aliquot.oversight.insight.rules.definitions import Definitions, read_definitions
from aliquot.oversight.insight.rules.tiers import Figure, judge
from aliquot.oversight.insight.rules.times import Spread, spread

Key = TypeVar("Key")

SQL = Path(__file__).parent.parent / "sql"
DATA = Path(__file__).parent.parent / "data" / "indicators.toml"


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """An indicator in a month; `month` is its first day."""

    month: date
    code: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class SiteFigure:
    """An indicator at a site that ordered."""

    site_id: int
    site_en: str
    site_ru: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Case:
    """A tube or an order that counts; `minutes` of a slow one, `label` what else tells it apart."""

    id: int
    day: date
    at: datetime
    tubes: str
    order_id: int | None
    order_number: str
    patient_id: int | None
    site_en: str
    site_ru: str
    minutes: int | None
    label: str

    @property
    def is_one_tube(self) -> bool:
        """Whether it is about one tube, and not all of an order or none."""
        return bool(self.tubes) and " " not in self.tubes


@dataclass(frozen=True, slots=True)
class Counted:
    """Up to when the figures of a laboratory were counted, and how many days wait to be counted."""

    at: datetime | None
    waiting: int


@cache
def definitions() -> Definitions:
    """What is counted, as the data state it."""
    return read_definitions(DATA.read_text(encoding="utf-8"))


def figures_by_month(laboratory_id: int, *, since: date, until: date) -> list[MonthFigure]:
    """Every indicator of a laboratory by month; from `since` to before `until`, both first days of months."""
    rows = sql_files.fetch_rows(SQL, "figures_by_month", laboratory=laboratory_id, since=since, until=until)
    return [MonthFigure(month, code, _judged(code, *counts)) for month, code, *counts in rows]


def figures_by_site(laboratory_id: int, code: str, *, since: date, until: date) -> list[SiteFigure]:
    """An indicator by the site that ordered, the worst rate first."""
    rows = sql_files.fetch_rows(
        SQL, "figures_by_site", laboratory=laboratory_id, code=code, since=since, until=until
    )
    found = [SiteFigure(site, en, ru, _judged(code, *counts)) for site, en, ru, *counts in rows]
    return sorted(found, key=lambda one: (-(one.figure.rate or 0), -one.figure.denominator, one.site_en))


def cases_of(
    laboratory_id: int,
    code: str,
    *,
    since: date,
    until: date,
    site_id: int | None = None,
    limit: int = 50,
    skipped: int = 0,
) -> list[Case]:
    """The tubes and orders behind a figure, the newest first; of a time the slowest first."""
    return sql_files.fetch(
        Case,
        SQL,
        "cases",
        laboratory=laboratory_id,
        code=code,
        since=since,
        until=until,
        site=site_id,
        limit=limit,
        skipped=skipped,
    )


def spreads_of(
    laboratory_id: int, *, since: date, until: date, urgency: str = "", site_id: int | None = None
) -> dict[str, Spread]:
    """How each time spreads, by the code of its leg; `urgency` R or S, empty for both."""
    rows = sql_files.fetch_rows(
        SQL,
        "times_by_leg",
        laboratory=laboratory_id,
        since=since,
        until=until,
        urgency=urgency,
        site=site_id,
    )
    return _spreads((leg, bucket, tubes) for leg, bucket, tubes in rows)


def spreads_by_month(
    laboratory_id: int, leg: str, *, since: date, until: date, urgency: str = ""
) -> dict[date, Spread]:
    """How a time spreads in each month."""
    rows = sql_files.fetch_rows(
        SQL, "times_by_month", laboratory=laboratory_id, leg=leg, since=since, until=until, urgency=urgency
    )
    return _spreads((month, bucket, tubes) for month, bucket, tubes in rows)


def spreads_by_site(
    laboratory_id: int, leg: str, *, since: date, until: date, urgency: str = ""
) -> dict[int, Spread]:
    """How a time spreads at each site that ordered."""
    rows = sql_files.fetch_rows(
        SQL, "times_by_site", laboratory=laboratory_id, leg=leg, since=since, until=until, urgency=urgency
    )
    return _spreads((site, bucket, tubes) for site, bucket, tubes in rows)


def standing_of(laboratory_id: int) -> Counted:
    """Up to when the figures were counted."""
    progress = IndicatorProgress.objects.filter(laboratory_id=laboratory_id).first()
    waiting = IndicatorDue.objects.filter(laboratory_id=laboratory_id).count()
    return Counted(progress.counted_at if progress else None, waiting)


def _judged(code: str, numerator: int, denominator: int) -> Figure:
    known = definitions().indicators.get(code)
    limits = {"high_le": known.high_le, "low_ge": known.low_ge} if known else {}
    return judge(numerator, denominator, **limits)


def _spreads(rows: Iterable[tuple[Key, int, int]]) -> dict[Key, Spread]:
    counts: dict[Key, dict[int, int]] = {}
    for key, bucket, tubes in rows:
        counts.setdefault(key, {})[bucket] = tubes
    return {key: spread(found) for key, found in counts.items()}

"""A year of indicators and a month compared: days made by sets, months by the region's own actions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

from django.urls import reverse

from aliquot.entrypoints.bench.figures import percentiles
from aliquot.entrypoints.bench.session import Session
from aliquot.foundation.context import acting
from aliquot.oversight.comparability.actions import compare_month
from aliquot.oversight.insight.actions import count_day
from aliquot.oversight.insight.queries import definitions
from aliquot.registers.network.models import Site
from aliquot.registers.people.sign_in import laboratories_actor

URGENCIES = ["R", "S"]
TABLES = (
    "indicator_day, indicator_case, indicator_month, leg_day, leg_month, patient_median, lot_mean, split_pair"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """How many facts there are, what a day cost to count and a month to compare, and which month that was."""

    facts: int
    day_counted: dict[str, float | None]
    month_compared_s: float
    month: date


def make_figures(session: Session, hub: int, begin: datetime, tell: Callable[[str], None]) -> Figures:
    """Figures, times and cases of every day since `begin`.

    The last day of each month is counted as in service, and with it its month. The last whole month is
    compared from the results that are kept whole.
    """
    tell("making figures of every day ...")
    end, known = datetime.now(UTC), definitions()
    span = {"hub": hub, "begin": begin, "end": end}
    facts = [
        session.run("year_of_days", **span, codes=list(known.indicators)),
        session.run("year_of_times", **span, legs=list(known.legs), urgencies=URGENCIES),
        session.run("year_of_cases", hub=hub),
    ]
    session.text(f"VACUUM (ANALYZE) {TABLES}")
    tell("counting a day of each month, comparing a month ...")
    days = [_seconds_of_day(hub, day, end) for day in last_days(begin.date(), end.date())]
    month = (end.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    compared = _seconds_of_month(month, end)
    session.text(f"VACUUM (ANALYZE) {TABLES}")
    return Figures(sum(rows[0][0] for rows in facts), percentiles(days), round(compared, 2), month)


def _seconds_of_day(hub: int, day: date, at: datetime) -> float:
    by, began = laboratories_actor("bench"), perf_counter()
    with acting(by):
        count_day(Site.objects.get(pk=hub), day, by=by, at=at)
    return perf_counter() - began


def _seconds_of_month(month: date, at: datetime) -> float:
    by, began = laboratories_actor("bench"), perf_counter()
    with acting(by):
        compare_month(month, by=by, at=at)
    return perf_counter() - began


def last_days(begin: date, end: date) -> list[date]:
    """The last day of every month from `begin` on, and `end`."""
    days = [begin + timedelta(days=number) for number in range((end - begin).days)]
    return [*[one for one in days if (one + timedelta(days=1)).day == 1], end]


def addresses_of_figures(session: Session, month: date) -> dict[str, list[str]]:
    """The pages of indicators, times and comparisons by name, each with the addresses opened in turn."""
    known, asked = definitions(), f"?month={month:%Y-%m}"
    compared = session.text(
        "SELECT DISTINCT t.code FROM patient_median m JOIN test t ON t.id = m.test_id LIMIT 40"
    )
    tests = [reverse("quality:comparability-test", args=row) for row in compared]
    found = {
        "indicators": [reverse("quality:indicators") + asked],
        "indicator": [reverse("quality:indicator", args=[code]) + asked for code in known.indicators],
        "indicator_time": [reverse("quality:indicator-time", args=[leg]) + asked for leg in known.legs],
        "indicators_as_table": [reverse("quality:indicators-csv") + asked],
        "comparability": [reverse("quality:comparability") + asked],
        "comparability_test": [one + asked for one in tests],
        "binder": [reverse("quality:accreditation")],
        "nonconformities": [reverse("quality:nonconformities")],
    }
    return {name: addresses for name, addresses in found.items() if addresses}

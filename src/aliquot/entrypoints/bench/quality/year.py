"""A year of control of a hub, made by sets, and how soon its pages are there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from django.urls import reverse

from aliquot.entrypoints.bench.history import add_history
from aliquot.entrypoints.bench.laboratory import Laboratory
from aliquot.entrypoints.bench.pages import measure_addresses
from aliquot.entrypoints.bench.quality.figures import addresses_of_figures, make_figures
from aliquot.entrypoints.bench.session import Session

YEAR = timedelta(days=365)
LEVELS = 2
BLOCK = 50
"""Results to a point of a monitor."""
SHOWN = 40
"""Charts and monitors that are opened in turn."""
MANAGER = "quality_manager"


@dataclass(frozen=True, slots=True)
class YearWanted:
    """How much a year holds, how many patient results are kept whole, how often each page is asked for."""

    controls: int = 200_000
    results: int = 10_000_000
    rows: int = 0
    requests: int = 60


def measure_year(
    session: Session, laboratory: Laboratory, wanted: YearWanted, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Make the year, then open its pages one after the other as the quality manager; times of each.

    `results` are those that moved monitors: a point stands for each block. `rows` of them are kept whole.
    """
    began, begin = perf_counter(), datetime.now(UTC) - YEAR
    pairs = int(session.value("SELECT count(*) FROM control_plan"))
    runs = -(-wanted.controls // (LEVELS * pairs))
    points = -(-wanted.results // (BLOCK * pairs))
    tell(f"making {runs} runs and {points} points of each of {pairs} tests ...")
    facts = {"hub": laboratory.hub, "begin": begin}
    controls = session.run("year_of_controls", **facts, runs=runs, step=YEAR / (runs + 1))
    alarms = session.run("year_of_points", **facts, points=points, step=YEAR / (points + 1))
    history = add_history(session, laboratory, wanted.rows, years=1.0)[1] if wanted.rows else {}
    session.text(
        "VACUUM (ANALYZE) control_run, control_result, control_violation, monitor_point, monitor_alarm"
    )
    figures = make_figures(session, laboratory.hub, begin, tell)
    made = round(perf_counter() - began, 1)
    tell("opening pages ...")
    asked = addresses(session, laboratory.hub) | addresses_of_figures(session, figures.month)
    pages = measure_addresses(session, laboratory.hub, MANAGER, asked, requests=wanted.requests)
    return {
        "controls": len(controls),
        "points": points * pairs,
        "alarms": len(alarms),
        "history": history,
        "figures": figures.facts,
        "day_counted": figures.day_counted,
        "month_compared_s": figures.month_compared_s,
        "made_s": made,
        "requests": wanted.requests,
        "pages": pages,
        "worst_p95_ms": max(one["p95_ms"] for one in pages.values()),
    }


def addresses(session: Session, hub: int) -> dict[str, list[str]]:
    """Boards, charts and monitors by name, each with the addresses that are opened in turn."""
    pairs = session.text(
        "SELECT a.code, t.code, m.id FROM patient_monitor m JOIN analyzer a ON a.id = m.analyzer_id"
        " JOIN test t ON t.id = m.test_id WHERE m.laboratory_id = %s ORDER BY m.id LIMIT %s",
        [hub, SHOWN],
    )
    charts = [reverse("quality:chart", args=row[:2]) for row in pairs]
    monitors = [reverse("quality:monitor", args=[row[2]]) for row in pairs]
    return {
        "board": [reverse("quality:home")],
        "chart_30_days": [f"{one}?span=30d" for one in charts],
        "chart_year": [f"{one}?span=365d" for one in charts],
        "plans": [reverse("quality:plans")],
        "materials": [reverse("quality:materials")],
        "without_a_lot": [reverse("quality:unfiled")],
        "monitors": [reverse("quality:monitors")],
        "monitor_week": [f"{one}?days=7" for one in monitors],
        "monitor_year": [f"{one}?days=365" for one in monitors],
    }

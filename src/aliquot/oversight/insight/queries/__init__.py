"""What a region looks like now, and the figures of its indicators by month, site and time."""

from aliquot.oversight.insight.queries.figures import (
    Case,
    Counted,
    MonthFigure,
    SiteFigure,
    cases_of,
    definitions,
    figures_by_month,
    figures_by_site,
    spreads_by_month,
    spreads_by_site,
    spreads_of,
    standing_of,
)
from aliquot.oversight.insight.queries.region import BoxNow, SiteNow, Stages, boxes_now, sites_now, stages

__all__ = [
    "BoxNow",
    "Case",
    "Counted",
    "MonthFigure",
    "SiteFigure",
    "SiteNow",
    "Stages",
    "boxes_now",
    "cases_of",
    "definitions",
    "figures_by_month",
    "figures_by_site",
    "sites_now",
    "spreads_by_month",
    "spreads_by_site",
    "spreads_of",
    "stages",
    "standing_of",
]

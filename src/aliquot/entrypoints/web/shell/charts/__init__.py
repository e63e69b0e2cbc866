"""Charts drawn by the server: values in, SVG text out, no Django; colours come from charts.css."""

from aliquot.entrypoints.web.shell.charts.bars import Bar, bars
from aliquot.entrypoints.web.shell.charts.flow import Stage, flow, tubes_per_hole
from aliquot.entrypoints.web.shell.charts.hours import HourColumn, hours
from aliquot.entrypoints.web.shell.charts.levey_jennings import Change, ControlPoint, levey_jennings
from aliquot.entrypoints.web.shell.charts.limits import Bounds, Span, limits
from aliquot.entrypoints.web.shell.charts.pairs import Part, Whole, pair, wholes
from aliquot.entrypoints.web.shell.charts.region_map import MovingBox, Site, region_map
from aliquot.entrypoints.web.shell.charts.spent import spent
from aliquot.entrypoints.web.shell.charts.trend import TrendPoint, change, trend
from aliquot.entrypoints.web.shell.charts.youden import YoudenPoint, youden

__all__ = [
    "Bar",
    "Bounds",
    "Change",
    "ControlPoint",
    "HourColumn",
    "MovingBox",
    "Part",
    "Site",
    "Span",
    "Stage",
    "TrendPoint",
    "Whole",
    "YoudenPoint",
    "bars",
    "change",
    "flow",
    "hours",
    "levey_jennings",
    "limits",
    "pair",
    "region_map",
    "spent",
    "trend",
    "tubes_per_hole",
    "wholes",
    "youden",
]

"""Where the tubes are now: one rack for each stage, seen from above, one hole for so many tubes."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

COLUMNS, ROWS = 10, 5
STEP, RADIUS, EDGE = 12.0, 4.3, 9.0
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Stage:
    """A stage with the tubes in it; `late` of them are past their time, `late_text` says so in words."""

    label: str
    count: int
    count_text: str
    late: int = 0
    late_text: str = ""


def tubes_per_hole(stages: Sequence[Stage]) -> int:
    """The least of 1, 2, 5, 10, 20, 50 ... with which the fullest stage fits its rack."""
    most = max((stage.count for stage in stages), default=0)
    power = 1
    while True:
        for step in STEPS:
            if step * power * COLUMNS * ROWS >= most:
                return step * power
        power *= 10


def flow(stages: Sequence[Stage], *, title: str) -> str:
    """A list of racks, first stage first; filled holes are tubes, late ones come first and carry a ring."""
    each = tubes_per_hole(stages)
    return svg.tag("ol", "".join(_stage(stage, each) for stage in stages), class_="flow", aria_label=title)


def _stage(stage: Stage, each: int) -> str:
    note = svg.tag("span", escape(stage.late_text), class_="flow-note") if stage.late else ""
    count = svg.tag("span", escape(stage.count_text), class_="flow-count")
    label = svg.tag("span", escape(stage.label) + note, class_="flow-label")
    return svg.tag("li", count + _rack(stage, each) + label, class_="flow-stage")


def _rack(stage: Stage, each: int) -> str:
    filled, late = -(-stage.count // each), -(-min(stage.late, stage.count) // each)
    width, height = 2 * EDGE + (COLUMNS - 1) * STEP, 2 * EDGE + (ROWS - 1) * STEP
    tray = svg.tag("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, rx=5, class_="flow-tray")
    holes = "".join(_hole(index, filled, late) for index in range(COLUMNS * ROWS))
    return svg.tag(
        "svg",
        tray + holes,
        class_="chart flow-rack",
        viewBox=f"0 0 {svg.number(width)} {svg.number(height)}",
        aria_hidden="true",
        xmlns="http://www.w3.org/2000/svg",
    )


def _hole(index: int, filled: int, late: int) -> str:
    column, row = divmod(index, ROWS)
    class_ = "flow-late" if index < late else "flow-tube" if index < filled else "flow-hole"
    radius = RADIUS if index < filled else RADIUS - 1.6
    return svg.tag("circle", cx=EDGE + column * STEP, cy=EDGE + row * STEP, r=radius, class_=class_)

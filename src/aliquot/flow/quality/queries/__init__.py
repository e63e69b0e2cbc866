"""What others may ask about control: how tests stand, what was measured, what is open, what is in doubt."""

from aliquot.flow.quality.queries.board import BoardRow, control_board
from aliquot.flow.quality.queries.control import (
    lot_of,
    open_plan,
    open_rejections,
    target_at,
    unfiled_controls,
)
from aliquot.flow.quality.queries.lots import (
    PlannedTest,
    anchor_of,
    expiring_lots,
    lots_in_use,
    lots_measured,
    materials_of,
    planned_tests,
    targets_in_force,
    values_of,
)
from aliquot.flow.quality.queries.series import (
    MOST_POINTS,
    MonthRow,
    SeriesPoint,
    control_months,
    control_series,
    violations_of,
)
from aliquot.flow.quality.queries.standing import (
    Window,
    doubtful_windows,
    failures_of,
    last_failure,
    lot_windows,
    standing_lately,
    standing_of,
)

__all__ = [
    "MOST_POINTS",
    "BoardRow",
    "MonthRow",
    "PlannedTest",
    "SeriesPoint",
    "Window",
    "anchor_of",
    "control_board",
    "control_months",
    "control_series",
    "doubtful_windows",
    "expiring_lots",
    "failures_of",
    "last_failure",
    "lot_of",
    "lot_windows",
    "lots_in_use",
    "lots_measured",
    "materials_of",
    "open_plan",
    "open_rejections",
    "planned_tests",
    "standing_lately",
    "standing_of",
    "target_at",
    "targets_in_force",
    "unfiled_controls",
    "values_of",
    "violations_of",
]

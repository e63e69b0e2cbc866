"""What others may ask about control: how tests stand, what was measured, what is open, what is in doubt."""

from aliquot.flow.quality.queries.control import (
    lot_of,
    open_plan,
    open_rejections,
    target_at,
    unfiled_controls,
)
from aliquot.flow.quality.queries.standing import (
    Window,
    doubtful_windows,
    failures_of,
    lot_windows,
    standing_lately,
    standing_of,
)

__all__ = [
    "Window",
    "doubtful_windows",
    "failures_of",
    "lot_of",
    "lot_windows",
    "open_plan",
    "open_rejections",
    "standing_lately",
    "standing_of",
    "target_at",
    "unfiled_controls",
]

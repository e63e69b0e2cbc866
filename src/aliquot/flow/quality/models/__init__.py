"""What a test on an analyzer stands on: its state, internal control, patient-based control."""

from aliquot.flow.quality.models.control import (
    ControlCount,
    ControlLot,
    ControlMaterial,
    ControlPlan,
    ControlResult,
    ControlRun,
    ControlTarget,
    ControlViolation,
)
from aliquot.flow.quality.models.designs import MonitorDesign
from aliquot.flow.quality.models.monitors import MonitorAlarm, MonitorPoint, MonitorState, PatientMonitor
from aliquot.flow.quality.models.standing import ReleaseState

__all__ = [
    "ControlCount",
    "ControlLot",
    "ControlMaterial",
    "ControlPlan",
    "ControlResult",
    "ControlRun",
    "ControlTarget",
    "ControlViolation",
    "MonitorAlarm",
    "MonitorDesign",
    "MonitorPoint",
    "MonitorState",
    "PatientMonitor",
    "ReleaseState",
]

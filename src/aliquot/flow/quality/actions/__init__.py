"""The only code that changes what a test on an analyzer stands on."""

from aliquot.flow.quality.actions.acting import close_violation, close_violations, set_aside_control
from aliquot.flow.quality.actions.adopting import adopt_controls
from aliquot.flow.quality.actions.designing import (
    DesignAsked,
    ask_design,
    fail_design,
    finish_design,
    note_design,
    start_design,
    take_candidate,
)
from aliquot.flow.quality.actions.filing import enter_control, file_controls
from aliquot.flow.quality.actions.floating import renew_floating_targets
from aliquot.flow.quality.actions.setting_up import (
    Level,
    Plan,
    Target,
    add_material,
    begin_lot,
    end_lot,
    end_plan,
    set_plan,
    set_target,
)
from aliquot.flow.quality.actions.standing import (
    Standing,
    change_release_states,
    mark_due_controls,
    set_release_state,
    settle_alarms,
    settle_standing,
)
from aliquot.flow.quality.actions.watching import (
    Watched,
    activate_monitor,
    close_alarm,
    retire_monitor,
    watch_results,
)

__all__ = [
    "DesignAsked",
    "Level",
    "Plan",
    "Standing",
    "Target",
    "Watched",
    "activate_monitor",
    "add_material",
    "adopt_controls",
    "ask_design",
    "begin_lot",
    "change_release_states",
    "close_alarm",
    "close_violation",
    "close_violations",
    "end_lot",
    "end_plan",
    "enter_control",
    "fail_design",
    "file_controls",
    "finish_design",
    "mark_due_controls",
    "note_design",
    "renew_floating_targets",
    "retire_monitor",
    "set_aside_control",
    "set_plan",
    "set_release_state",
    "set_target",
    "settle_alarms",
    "settle_standing",
    "start_design",
    "take_candidate",
    "watch_results",
]

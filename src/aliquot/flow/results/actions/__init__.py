"""The only code that changes results and calls: record, decide, release, refuse, enter, amend, tell."""

from aliquot.flow.results.actions.calling import attempt_critical, tell_critical
from aliquot.flow.results.actions.deciding import autoverify_batch, follow_change
from aliquot.flow.results.actions.entering import amend_result, enter_result
from aliquot.flow.results.actions.recording import file_readings, record_readings
from aliquot.flow.results.actions.reflexes import confirm_add_on, decline_add_on
from aliquot.flow.results.actions.verifying import (
    comment_result,
    hold_result,
    refuse_result,
    release_results,
    repeat_result,
)

__all__ = [
    "amend_result",
    "attempt_critical",
    "autoverify_batch",
    "comment_result",
    "confirm_add_on",
    "decline_add_on",
    "enter_result",
    "file_readings",
    "follow_change",
    "hold_result",
    "record_readings",
    "refuse_result",
    "release_results",
    "repeat_result",
    "tell_critical",
]

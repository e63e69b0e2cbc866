"""The only code that changes results and calls: record, decide, release, refuse, enter, amend, tell."""

from aliquot.flow.results.actions.adding import add_tests, compute_tests
from aliquot.flow.results.actions.calling import (
    acknowledge_critical,
    attempt_critical,
    note_call_read,
    tell_critical,
)
from aliquot.flow.results.actions.claiming import claim_result, keep_claim, require_unclaimed
from aliquot.flow.results.actions.deciding import autoverify_batch, follow_change
from aliquot.flow.results.actions.entering import amend_result, enter_result
from aliquot.flow.results.actions.escalating import escalate_calls, mark_overdue
from aliquot.flow.results.actions.following import follow_pending
from aliquot.flow.results.actions.look_back_tasks import (
    ask_recall,
    ask_settling,
    begin_again,
    do_task,
    fail_task,
    note_task,
    start_task,
)
from aliquot.flow.results.actions.look_backs import (
    close_look_back,
    follow_opened,
    open_look_back,
    release_again,
    withdraw_members,
)
from aliquot.flow.results.actions.recording import file_readings
from aliquot.flow.results.actions.redrawing import redraw_results, redraw_suppressed
from aliquot.flow.results.actions.reflexes import confirm_add_on, decline_add_on
from aliquot.flow.results.actions.undoing import settle_decisions, undo_decisions
from aliquot.flow.results.actions.verifying import (
    comment_result,
    hold_result,
    refuse_result,
    release_results,
    repeat_result,
)
from aliquot.flow.results.actions.withdrawing import Then, withdraw_results

__all__ = [
    "Then",
    "acknowledge_critical",
    "add_tests",
    "amend_result",
    "ask_recall",
    "ask_settling",
    "attempt_critical",
    "autoverify_batch",
    "begin_again",
    "claim_result",
    "close_look_back",
    "comment_result",
    "compute_tests",
    "confirm_add_on",
    "decline_add_on",
    "do_task",
    "enter_result",
    "escalate_calls",
    "fail_task",
    "file_readings",
    "follow_change",
    "follow_opened",
    "follow_pending",
    "hold_result",
    "keep_claim",
    "mark_overdue",
    "note_call_read",
    "note_task",
    "open_look_back",
    "redraw_results",
    "redraw_suppressed",
    "refuse_result",
    "release_again",
    "release_results",
    "repeat_result",
    "require_unclaimed",
    "settle_decisions",
    "start_task",
    "tell_critical",
    "undo_decisions",
    "withdraw_members",
    "withdraw_results",
]

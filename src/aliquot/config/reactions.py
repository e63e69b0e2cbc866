"""The one page: which event starts which job, which message of another node starts which action.

Each job takes the subjects' ids and when.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from aliquot.entrypoints.backtest.processes import begin_validations
from aliquot.entrypoints.designing.processes import begin_designs
from aliquot.entrypoints.lookback.processes import begin_tasks
from aliquot.flow.instruments.jobs import tell_analyzers
from aliquot.flow.logistics.jobs import follow_picked_up
from aliquot.flow.reports.jobs import report_orders, tell_of_steps
from aliquot.flow.results.jobs import follow_look_backs, follow_tests, settle_orders
from aliquot.oversight.federation.actions import PROBE, Handler, answer_probe
from aliquot.oversight.federation.jobs import carry_out
from aliquot.oversight.improvement.jobs import follow_failures
from aliquot.oversight.referrals import jobs as referrals
from aliquot.oversight.referrals.actions import file_told, take_in
from aliquot.oversight.referrals.rules.letters import PLACED, RESULTS
from aliquot.oversight.studies.jobs import begin_evaluations

Job = Callable[[list[int], datetime], object]

MESSAGES: dict[str, Handler] = {
    PROBE: answer_probe,
    PLACED: take_in,
    RESULTS: file_told,
}

REACTIONS: dict[str, Job] = {
    "box_picked_up": follow_picked_up,
    "design_asked": begin_designs,
    "look_back_asked": begin_tasks,
    "look_back_opened": follow_look_backs,
    "decision_due": settle_orders,
    "eqa_failed": follow_failures,
    "look_back_stepped": tell_of_steps,
    "message_answered": referrals.follow,
    "messages_kept": partial(carry_out, handlers=MESSAGES),
    "order_completed": report_orders,
    "referral_asked": referrals.ask,
    "report_released": referrals.tell,
    "result_amended": report_orders,
    "study_given": begin_evaluations,
    "tests_added": follow_tests,
    "tests_given_up": follow_tests,
    "tests_to_measure_changed": tell_analyzers,
    "validation_requested": begin_validations,
}

"""The only code that changes a round: opening, receipt, results, reports of providers, scores, failures."""

from aliquot.oversight.proficiency.actions.checking import check_homogeneity_of, check_stability_of
from aliquot.oversight.proficiency.actions.closing import close_round
from aliquot.oversight.proficiency.actions.entering import (
    Returned,
    record_eqa_result,
    record_further_result,
    submit_results,
    take_measured_results,
)
from aliquot.oversight.proficiency.actions.importing import import_report, import_results
from aliquot.oversight.proficiency.actions.investigating import answer_step, close_case
from aliquot.oversight.proficiency.actions.opening import (
    ItemPlan,
    RoundPlan,
    SamplePlan,
    cancel_round,
    extend_round,
    open_round,
)
from aliquot.oversight.proficiency.actions.receiving import name_tube, receive_sample
from aliquot.oversight.proficiency.actions.scheduling import SchemePlan, drop_planned, plan_scheme

__all__ = [
    "ItemPlan",
    "Returned",
    "RoundPlan",
    "SamplePlan",
    "SchemePlan",
    "answer_step",
    "cancel_round",
    "check_homogeneity_of",
    "check_stability_of",
    "close_case",
    "close_round",
    "drop_planned",
    "extend_round",
    "import_report",
    "import_results",
    "name_tube",
    "open_round",
    "plan_scheme",
    "receive_sample",
    "record_eqa_result",
    "record_further_result",
    "submit_results",
    "take_measured_results",
]

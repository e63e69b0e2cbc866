"""What people do with studies: plan, give data, record the supply, sign; what the program does: evaluate."""

from aliquot.oversight.studies.actions.evaluating import fail_evaluation, keep_evaluation, start_evaluation
from aliquot.oversight.studies.actions.giving import Gathered, gather_data, is_silent, upload_data
from aliquot.oversight.studies.actions.planning import Planned, abandon_study, plan_study
from aliquot.oversight.studies.actions.signing import Signature, digest_to_sign, sign_study
from aliquot.oversight.studies.actions.supplying import Supply, record_supply

__all__ = [
    "Gathered",
    "Planned",
    "Signature",
    "Supply",
    "abandon_study",
    "digest_to_sign",
    "fail_evaluation",
    "gather_data",
    "is_silent",
    "keep_evaluation",
    "plan_study",
    "record_supply",
    "sign_study",
    "start_evaluation",
    "upload_data",
]

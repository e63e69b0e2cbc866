"""What changes the rules in force: drafts, validations, approvals, suspensions."""

from aliquot.flow.verification.actions.approving import (
    activate_rule_set,
    approve_rule_set,
    retire_rule_set,
    send_back_rule_set,
)
from aliquot.flow.verification.actions.drafting import (
    discard_draft,
    draft_rule_set,
    load_shipped_rules,
    save_draft,
    submit_rule_set,
)
from aliquot.flow.verification.actions.suspending import resume_release, suspend_release
from aliquot.flow.verification.actions.validating import (
    fail_validation,
    finish_validation,
    note_progress,
    request_validation,
    sign_validation,
    start_validation,
)

__all__ = [
    "activate_rule_set",
    "approve_rule_set",
    "discard_draft",
    "draft_rule_set",
    "fail_validation",
    "finish_validation",
    "load_shipped_rules",
    "note_progress",
    "request_validation",
    "resume_release",
    "retire_rule_set",
    "save_draft",
    "send_back_rule_set",
    "sign_validation",
    "start_validation",
    "submit_rule_set",
    "suspend_release",
]

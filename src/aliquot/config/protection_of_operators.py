"""Who owns, operates, employs and may what: a part of the page that protects every table."""

from aliquot.foundation.protection.declaration import SIGNED_IN, Protection, may

DECIDED = f"{may('plan_operator_change')} OR {may('approve_operator_change')}"
"""Officers of whoever owns the data; staff of an operator decide nothing about operators."""
READ = f"{DECIDED} OR {may('manage_registers')}"
DATED = "SELECT, INSERT, UPDATE (until)"
"""What was recorded stands; it may only end earlier or later."""

OPERATORS: dict[str, Protection] = {
    "organisation": Protection(
        "SELECT, INSERT, UPDATE, DELETE",
        SIGNED_IN,
        writes=f"{SIGNED_IN} AND ({may('manage_registers')} OR {may('plan_operator_change')})",
    ),
    "contract": Protection(DATED, READ, writes=may("plan_operator_change"), digested=("document",)),
    # a change that is withdrawn before its moment leaves no operation behind
    "operation": Protection(
        "SELECT, INSERT, DELETE, UPDATE (until)", SIGNED_IN, writes=may("approve_operator_change")
    ),
    "data_owner": Protection(DATED, SIGNED_IN, writes=may("approve_operator_change")),
    "employment": Protection(
        DATED,
        f"person_id = (SELECT aliquot_person()) OR {may('manage_people')}",
        writes=may("manage_people"),
    ),
    "person": Protection(
        "SELECT, INSERT, UPDATE",
        f"id = (SELECT aliquot_person()) OR {may('manage_people')}",
        left_out=("password", "last_login"),
    ),
    "assignment": Protection(
        "SELECT, INSERT, UPDATE",
        f"person_id = (SELECT aliquot_person()) OR {may('manage_people')}",
        writes=may("manage_people"),
    ),
    "operator_change": Protection(
        "SELECT, INSERT, UPDATE (state, effect, approved_at, approved_by, withdrawn_at, withdrawn_by,"
        " withdrawn_why)",
        READ,
        writes=DECIDED,
    ),
    "operator_change_site": Protection("SELECT, INSERT, UPDATE (ended_id, would_end)", READ, writes=DECIDED),
}

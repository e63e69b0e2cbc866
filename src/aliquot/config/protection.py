"""Who sees and may change what: the one page that protects every table.

A table that is not declared here stops a migration.
"""

from aliquot.config.protection_of_messages import BETWEEN_NODES
from aliquot.config.protection_of_operators import OPERATORS
from aliquot.foundation.protection.declaration import (
    OF_LABORATORY,
    OF_PARTIES,
    SIGNED_IN,
    SITES,
    Protection,
    may,
)

MANAGED = f"{SIGNED_IN} AND {may('manage_registers')}"
REGISTER = Protection("SELECT, INSERT, UPDATE, DELETE", SIGNED_IN, writes=MANAGED)
NOTHING = Protection(
    "", "false", is_audited=False, why="Django's own bookkeeping; the application has no right to it"
)
OF_HERE = f"(laboratory_id IS NULL OR laboratory_id = ANY({SITES}))"
RULES_WRITTEN = f"{SIGNED_IN} AND ({may('draft_rule')} OR {may('approve_rule')}) AND {OF_HERE}"
# OFFSET 0: the sites of a row are looked up, else a search reads all patients of the hub before it finds one
PATIENT_SEEN = (
    f"home_site_id = ANY({SITES}) OR EXISTS (SELECT 1 FROM patient_site ps "  # noqa: S608 - constants of this page
    f"WHERE ps.patient_id = patient.id AND ps.site_id = ANY({SITES}) OFFSET 0)"
)
RESULT_SEEN = (
    f"laboratory_id = ANY({SITES})"
    f" OR (ordering_site_id = ANY({SITES}) AND state IN ('released', 'superseded', 'recalled', 'withdrawn')"
    " AND NOT is_kept_back(id))"
)
STEP_SEEN = (
    f"laboratory_id = ANY({SITES}) OR EXISTS (SELECT 1 FROM report_notice n "  # noqa: S608 - as above
    f"WHERE n.step_id = look_back_step.id AND n.ordering_site_id = ANY({SITES}))"
)
BOX_SEEN = f"origin_id = ANY({SITES}) OR destination_id = ANY({SITES}) OR {may('carry_box')}"
CONTROLS_SET_UP = f"({OF_LABORATORY}) AND {may('manage_quality')}"
COUNTED = Protection(
    "SELECT, INSERT, DELETE",
    OF_LABORATORY,
    is_audited=False,
    why="it is counted from audited rows, and can be counted again",
)
# no patient can be told from a median: who reads indicators compares laboratories
COMPARED = Protection(
    "SELECT, INSERT, DELETE",
    f"{OF_LABORATORY} OR {may('read_indicators')}",
    writes=OF_LABORATORY,
    is_audited=False,
    why="it is computed from audited rows, and can be computed again",
)
# who measures must not see what others returned, nor an assigned value before the round is evaluated
ORGANISED = f"(organiser_id = ANY({SITES}) AND {may('manage_quality')})"
OF_PARTICIPANT = f"laboratory_id = ANY({SITES}) OR {ORGANISED}"
ROUND_SEEN = (
    f"organiser_id = ANY({SITES}) OR EXISTS (SELECT 1 FROM eqa_participation p "  # noqa: S608 - as above
    f"WHERE p.round_id = {{}} AND p.laboratory_id = ANY({SITES}))"
)
TARGET_SEEN = (
    f"{ORGANISED} OR EXISTS (SELECT 1 FROM eqa_round r "  # noqa: S608 - as above; the round's own policy holds
    "WHERE r.id = eqa_target.round_id AND r.state = 'closed')"
)
# what a round was evaluated from stands as it was then
RUNNING = "EXISTS (SELECT 1 FROM eqa_round r WHERE r.id = round_id AND r.state = 'open')"
OF_RUNNING_SAMPLE = (
    "EXISTS (SELECT 1 FROM eqa_round r JOIN eqa_sample s ON s.round_id = r.id"
    " WHERE s.id = sample_id AND r.state = 'open')"
)
OF_RUNNING_ITEM = (
    "EXISTS (SELECT 1 FROM eqa_round r JOIN eqa_item i ON i.round_id = r.id"
    " WHERE i.id = item_id AND r.state = 'open')"
)
OF_OPEN_CASE = "EXISTS (SELECT 1 FROM eqa_case c WHERE c.id = case_id AND c.state = 'open')"
# whoever raised it sees what becomes of it, also a courier, whose site opens no rows
OWN_WORDS = "{} = (SELECT aliquot_actor())"
RAISED_SEEN = f"laboratory_id = ANY({SITES}) OR site_id = ANY({SITES}) OR {OWN_WORDS.format('raised_by')}"
RAISED_WRITTEN = (
    f"(laboratory_id = ANY({SITES}) AND ({may('work_nonconformity')} OR {may('raise_nonconformity')}))"
    f" OR (state = 'raised' AND {may('raise_nonconformity')} AND {OWN_WORDS.format('raised_by')})"
)
STUDIED = f"({OF_LABORATORY}) AND ({may('run_study')} OR {may('sign_study')})"
MAY_STOP = f"{SIGNED_IN} AND ({may('manage_instruments')} OR {may('suspend_autorelease')})"
AUDIT = Protection("SELECT", f"{SIGNED_IN} AND {may('read_audit')}", is_audited=False, why="it is the audit")

TABLES: dict[str, Protection] = {
    # registers
    **OPERATORS,
    "site": REGISTER,
    "department": REGISTER,
    "bench": REGISTER,
    "contact": REGISTER,
    **dict.fromkeys(("site", "department", "bench", "contact"), REGISTER),
    # numbers are taken by take_numbers(), which only goes forward
    "number_range": Protection("SELECT, INSERT, UPDATE", SIGNED_IN, writes=MANAGED),
    "sign_in_session": Protection(
        "SELECT, INSERT, UPDATE, DELETE",
        "session_key = (SELECT current_setting('aliquot.session', true))",
        is_audited=False,
        why="it changes with every page and holds only who is signed in",
    ),
    "container": REGISTER,
    "specimen_type": REGISTER,
    "section": REGISTER,
    "test": REGISTER,
    "reference_interval": REGISTER,
    "derived_test": REGISTER,
    "allowable_error": REGISTER,
    "panel": REGISTER,
    "rejection_reason": REGISTER,
    "patient": Protection("SELECT, INSERT, UPDATE", PATIENT_SEEN, left_out=("search_name",)),
    "patient_site": Protection(
        "SELECT, INSERT",
        f"site_id = ANY({SITES})",
        # a site is let in by one that already sees the patient, or by claim_patient
        writes=f"{SIGNED_IN} AND patient_is_seen(patient_id)",
    ),
    "patient_merge": Protection("SELECT, INSERT, UPDATE", may("merge_patients")),
    "access_entry": Protection(
        "SELECT, INSERT",
        may("read_audit"),
        writes=SIGNED_IN,
        is_audited=False,
        why="it is itself a log, and append-only",
    ),
    # the path of a specimen
    "lab_order": Protection("SELECT, INSERT, UPDATE", OF_PARTIES),
    "order_item": Protection("SELECT, INSERT, UPDATE", OF_PARTIES),
    "specimen": Protection("SELECT, INSERT, UPDATE", OF_PARTIES),
    "specimen_test": Protection("SELECT, INSERT, UPDATE", OF_PARTIES),
    "specimen_event": Protection("SELECT, INSERT", OF_PARTIES),
    "box": Protection("SELECT, INSERT, UPDATE", BOX_SEEN),
    "box_item": Protection(
        "SELECT, INSERT, UPDATE, DELETE",
        "EXISTS (SELECT 1 FROM box b WHERE b.id = box_id)",
    ),
    "analyzer": REGISTER,
    "test_mapping": REGISTER,
    "driver_adaptation": REGISTER,
    "driver_stop": Protection(
        "SELECT, INSERT, UPDATE (ended_at, ended_by, end_reason)", SIGNED_IN, writes=MAY_STOP
    ),
    "line_state": Protection(
        "SELECT, INSERT, UPDATE",
        OF_LABORATORY,
        is_audited=False,
        why="it changes every second and says only what a line does now",
    ),
    "traffic": Protection(
        "SELECT, INSERT",
        OF_LABORATORY,
        is_audited=False,
        why="it is itself a log, and append-only; the messages found in it are audited",
    ),
    "message": Protection(
        "SELECT, INSERT, UPDATE (state, problems, decided_at, decided_by)",
        OF_LABORATORY,
        left_out=("content",),
    ),
    "reading": Protection(
        "SELECT, INSERT, UPDATE (state, stage, reason, specimen_id, test_id, index, decided_at, decided_by,"
        " decision_note)",
        OF_LABORATORY,
        busy=True,
    ),
    "specimen_index": Protection("SELECT, INSERT, UPDATE (is_pending)", OF_LABORATORY),
    "work_request": Protection(
        "SELECT, INSERT, UPDATE (state, codes, attempts, not_before, detail, changed_at)",
        OF_LABORATORY,
    ),
    "control_material": Protection("SELECT, INSERT, UPDATE", OF_LABORATORY, writes=CONTROLS_SET_UP),
    "control_lot": Protection("SELECT, INSERT, UPDATE", OF_LABORATORY, writes=CONTROLS_SET_UP),
    "control_target": Protection("SELECT, INSERT, UPDATE (until)", OF_LABORATORY, writes=CONTROLS_SET_UP),
    "control_plan": Protection("SELECT, INSERT, UPDATE (until)", OF_LABORATORY, writes=CONTROLS_SET_UP),
    "control_count": Protection(
        "SELECT, INSERT, UPDATE",
        OF_LABORATORY,
        is_audited=False,
        why="it changes with every batch and only counts results that are kept",
    ),
    "control_run": Protection("SELECT, INSERT, UPDATE (verdict, is_complete)", OF_LABORATORY),
    "control_result": Protection("SELECT, INSERT, UPDATE (is_counted, note)", OF_LABORATORY),
    "control_violation": Protection(
        "SELECT, INSERT, UPDATE (cause, action, closed_at, closed_by)", OF_LABORATORY
    ),
    "patient_monitor": Protection("SELECT, INSERT, UPDATE", OF_LABORATORY, writes=CONTROLS_SET_UP),
    "monitor_state": Protection(
        "SELECT, INSERT, UPDATE",
        OF_LABORATORY,
        is_audited=False,
        why="it changes with every batch and follows from the results; points and alarms stay",
    ),
    "monitor_point": Protection(
        "SELECT, INSERT",
        OF_LABORATORY,
        is_audited=False,
        why="it is only added, and follows from the results",
    ),
    "monitor_alarm": Protection(
        "SELECT, INSERT, UPDATE (cause, action, closed_at, closed_by)", OF_LABORATORY
    ),
    "monitor_design": Protection(
        "SELECT, INSERT, UPDATE (state, done, total, beat_at, finished_at, fault, candidates, failed,"
        " monitor_id)",
        OF_LABORATORY,
        left_out=("candidates",),
    ),
    # external assessment: the organiser arranges, every participant sees its own
    "eqa_round": Protection(
        "SELECT, INSERT, UPDATE (state, submit_by, closed_at, closed_by, note)",
        ROUND_SEEN.format("eqa_round.id"),
        writes=ORGANISED,
    ),
    "eqa_planned": Protection(
        "SELECT, INSERT, UPDATE (round_id, dropped_why)", OF_LABORATORY, writes=CONTROLS_SET_UP
    ),
    "eqa_participation": Protection(
        "SELECT, INSERT, UPDATE (submitted_at, submitted_by, score_percent, is_satisfactory)",
        OF_PARTICIPANT,  # and no more: who sees a round is asked here
    ),
    "eqa_sample": Protection(
        "SELECT, INSERT", ROUND_SEEN.format("eqa_sample.round_id"), writes=f"{ORGANISED} AND {RUNNING}"
    ),
    "eqa_item": Protection(
        "SELECT, INSERT", ROUND_SEEN.format("eqa_item.round_id"), writes=f"{ORGANISED} AND {RUNNING}"
    ),
    "eqa_target": Protection("SELECT, INSERT, UPDATE", TARGET_SEEN, writes=f"{ORGANISED} AND {RUNNING}"),
    "eqa_material_check": Protection(
        "SELECT, INSERT", ORGANISED, writes=f"{ORGANISED} AND {OF_RUNNING_ITEM}"
    ),
    "eqa_receipt": Protection(
        "SELECT, INSERT, UPDATE (specimen_id)",
        OF_PARTICIPANT,
        writes=f"({OF_PARTICIPANT}) AND {OF_RUNNING_SAMPLE}",
    ),
    "eqa_result": Protection(
        "SELECT, INSERT, UPDATE", OF_PARTICIPANT, writes=f"({OF_PARTICIPANT}) AND {RUNNING}"
    ),
    "eqa_score": Protection("SELECT, INSERT", OF_PARTICIPANT, writes=f"{ORGANISED} AND {RUNNING}"),
    "eqa_case": Protection(
        "SELECT, INSERT, UPDATE (state, cause, conclusion, closed_at, closed_by)", OF_PARTICIPANT
    ),
    "eqa_case_step": Protection(
        "SELECT, INSERT", OF_PARTICIPANT, writes=f"({OF_PARTICIPANT}) AND {OF_OPEN_CASE}"
    ),
    # improvement: worked on by the laboratory, raised by everybody who works
    "nonconformity": Protection(
        "SELECT, INSERT, UPDATE (state, containment, impact, severity, probability, contained_at,"
        " contained_by, cause, whys, analysis, analysed_at, analysed_by, criterion, check_on, attempts,"
        " checked_at, checked_by, verdict, conclusion, closed_at, closed_by, risk_id)",
        RAISED_SEEN,
        writes=RAISED_WRITTEN,
    ),
    "nonconformity_action": Protection("SELECT, INSERT, UPDATE (done_at, done_by, done_note)", OF_LABORATORY),
    "nonconformity_step": Protection(
        "SELECT, INSERT", f"laboratory_id = ANY({SITES}) OR {OWN_WORDS.format('by')}"
    ),
    "complaint": Protection(
        "SELECT, INSERT, UPDATE (is_justified, answer, answered_at, answered_by)",
        "EXISTS (SELECT 1 FROM nonconformity n WHERE n.id = nonconformity_id)",  # whose own policy holds
    ),
    "internal_audit": Protection(
        "SELECT, INSERT, UPDATE (state, summary, ended_at, ended_by)", OF_LABORATORY, writes=CONTROLS_SET_UP
    ),
    "internal_audit_item": Protection(
        "SELECT, INSERT, UPDATE (verdict, evidence, answered_at, answered_by, nonconformity_id)",
        OF_LABORATORY,
        writes=CONTROLS_SET_UP,
    ),
    "risk": Protection(
        "SELECT, INSERT, UPDATE (severity_after, probability_after, state, review_on, decided_at, decided_by,"
        " decision)",
        OF_LABORATORY,
        writes=CONTROLS_SET_UP,
    ),
    "risk_control": Protection("SELECT, INSERT", OF_LABORATORY, writes=CONTROLS_SET_UP),
    "risk_rating": Protection("SELECT, INSERT", OF_LABORATORY, writes=CONTROLS_SET_UP),
    # management reviews: what is signed does not change, only its actions are still done; triggers hold that
    "management_review": Protection(
        "SELECT, INSERT, UPDATE (state, conclusion, content, digest, signed_at, signed_by, signed_name)",
        OF_LABORATORY,
        writes=CONTROLS_SET_UP,
        left_out=("content",),
    ),
    "management_review_entry": Protection(
        "SELECT, INSERT, DELETE, UPDATE (done_at, done_by, done_note)",
        OF_LABORATORY,
        writes=f"({OF_LABORATORY}) AND ({may('manage_quality')} OR {OWN_WORDS.format('owner')})",
    ),
    "management_review_document": Protection(
        "SELECT, INSERT", OF_LABORATORY, writes=CONTROLS_SET_UP, digested=("content",)
    ),
    # figures: counted from what is recorded, and counted again when it changes
    **dict.fromkeys(("indicator_day", "indicator_case", "indicator_month", "split_pair"), COUNTED),
    **dict.fromkeys(("leg_day", "leg_month"), COUNTED),
    "patient_median": COMPARED,
    "lot_mean": COMPARED,
    **BETWEEN_NODES,
    "compared_month": Protection(
        "SELECT, INSERT, UPDATE",
        may("read_indicators"),
        is_audited=False,
        why="it says only which months were computed",
    ),
    "indicator_due": Protection(
        "SELECT, INSERT, UPDATE, DELETE",
        OF_LABORATORY,
        is_audited=False,
        why="it names a day that is to be counted, and is removed when that is done",
    ),
    "indicator_progress": Protection(
        "SELECT, INSERT, UPDATE", OF_LABORATORY, is_audited=False, why="it says only how far the counting is"
    ),
    # studies: what is signed does not change, a trigger holds that
    "study": Protection(
        "SELECT, INSERT, UPDATE (state, beat_at, fault, evaluated_at, record, conclusion, content, digest,"
        " signed_at, signed_by, signed_name, meaning)",
        OF_LABORATORY,
        writes=STUDIED,
        left_out=("record", "content"),
    ),
    "study_data": Protection("SELECT, INSERT", OF_LABORATORY, writes=STUDIED, digested=("content",)),
    "study_supply": Protection("SELECT, INSERT, UPDATE", OF_LABORATORY, writes=STUDIED),
    "study_document": Protection("SELECT, INSERT", OF_LABORATORY, writes=STUDIED, digested=("content",)),
    "release_state": Protection("SELECT, INSERT, UPDATE (until)", OF_LABORATORY),
    "result": Protection(
        "SELECT, INSERT, UPDATE (state, reasons, flag, low, high, is_automatic, decided_at, released_at,"
        " released_by, comment, patient_id, urgency, is_on_time)",
        RESULT_SEEN,
        busy=True,
    ),
    "result_claim": Protection(
        "SELECT, INSERT, UPDATE, DELETE",
        OF_LABORATORY,
        is_audited=False,
        why="it says only who looks at a result just now; that somebody read it is an access entry",
    ),
    "decision": Protection("SELECT, INSERT, UPDATE (ended_at, was_taken_back)", OF_LABORATORY),
    "critical_call": Protection("SELECT, INSERT, UPDATE", OF_PARTIES),
    "critical_attempt": Protection("SELECT, INSERT", OF_PARTIES),
    "critical_escalation": Protection("SELECT, INSERT", OF_PARTIES),
    "look_back": Protection(
        "SELECT, INSERT, UPDATE (state, closed_at, closed_by, conclusion)", OF_LABORATORY
    ),
    "look_back_step": Protection("SELECT, INSERT", STEP_SEEN, writes=OF_LABORATORY),
    "look_back_member": Protection("SELECT, INSERT, UPDATE (settled_id)", OF_PARTIES, writes=OF_LABORATORY),
    "look_back_task": Protection(
        "SELECT, INSERT, UPDATE (state, look_back_id, done, beat_at, finished_at, fault)", OF_LABORATORY
    ),
    "add_on": Protection("SELECT, INSERT, UPDATE (state, note, decided_at, decided_by)", OF_PARTIES),
    # every worker reads what is in force; a laboratory's own is written there
    "rule_set": Protection("SELECT, INSERT, UPDATE", SIGNED_IN, writes=RULES_WRITTEN),
    "rule_set_validation": Protection(
        "SELECT, INSERT, UPDATE (state, beat_at, decided, total, finished_at, fault, report, report_digest,"
        " signed_at, signed_by, signed_name, meaning)",
        RULES_WRITTEN,  # its report shows results as examples
        left_out=("report",),
    ),
    "suspension": Protection(
        "SELECT, INSERT, UPDATE (ended_at, ended_by, end_reason)",
        SIGNED_IN,
        writes=f"{SIGNED_IN} AND {may('suspend_autorelease')} AND {OF_HERE}",
    ),
    "report": Protection(
        "SELECT, INSERT, UPDATE (seen_at, seen_by, patient_id)", OF_PARTIES, digested=("content",)
    ),
    "report_document": Protection("SELECT, INSERT", OF_PARTIES, left_out=("content",)),
    "report_notice": Protection(
        "SELECT, INSERT, UPDATE (seen_at, seen_by, acknowledged_at, acknowledged_by, told_to)", OF_PARTIES
    ),
    "report_notice_attempt": Protection("SELECT, INSERT", OF_PARTIES),
    "inbound_document": Protection(
        "SELECT, INSERT, UPDATE (state, outcome, order_id)", f"site_id = ANY({SITES})", left_out=("content",)
    ),
    # the nodes of the federation, and the public halves of their keys
    "node": Protection("SELECT, INSERT, UPDATE", SIGNED_IN, writes=MANAGED),
    "node_key": Protection("SELECT, INSERT, UPDATE (until)", SIGNED_IN, writes=MANAGED),
    # foundation
    "event": Protection(
        "SELECT, INSERT, UPDATE, DELETE",
        may("react"),
        writes=SIGNED_IN,
        is_audited=False,
        why="it names a row that is itself audited, and is removed when worked off",
    ),
    # which months lie in files, and how the audit's chains went on: written by the owner alone
    "archived_month": Protection("SELECT", SIGNED_IN),
    "archived_chain": Protection("", "false"),
    # that the whole region left the house, for whom: written by the owner alone
    "handover_package": Protection("SELECT", SIGNED_IN),
    "audit_head": Protection("", "false", is_audited=False, why="it is the audit"),
    "audit_block": AUDIT,
    "audit_row": AUDIT,
    **dict.fromkeys(("django_migrations", "django_content_type"), NOTHING),
    **dict.fromkeys(("auth_permission", "auth_group", "auth_group_permissions"), NOTHING),
}

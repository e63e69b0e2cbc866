"""Who sees and may change what nodes tell each other: a part of the page `protection.py`."""

from aliquot.foundation.protection.declaration import OF_LABORATORY, SIGNED_IN, Protection, may

FEDERATED = may("manage_federation")  # messages may speak of patients, under a pseudonym

BETWEEN_NODES: dict[str, Protection] = {
    "referral_partner": Protection(
        "SELECT, INSERT, UPDATE (site_id, until)", SIGNED_IN, writes=f"{SIGNED_IN} AND {FEDERATED}"
    ),
    "referral": Protection("SELECT, INSERT, UPDATE (state, version, said)", OF_LABORATORY),
    "node_line": Protection(
        "SELECT, INSERT, UPDATE",
        FEDERATED,
        left_out=("attempts", "fault", "fault_detail", "tried_at", "delivered_at", "not_before"),
    ),
    "node_message_out": Protection(
        "SELECT, INSERT, UPDATE (state, stream, sequence, content, key, signature, kept_at, receipt,"
        " receipt_key, receipt_signature, outcome, answer, answered_at)",
        FEDERATED,
        left_out=("body", "content", "receipt", "answer"),
    ),
    "node_message_in": Protection(
        "SELECT, INSERT, UPDATE (state, settled_at, outcome)",
        FEDERATED,
        left_out=("content", "receipt", "outcome"),
    ),
}

"""What changes the federation: names and keys of nodes, messages between them."""

from aliquot.oversight.federation.actions.arrivals import (
    Came,
    Handler,
    Reply,
    apply_messages,
    receive_message,
    refuse_unread,
)
from aliquot.oversight.federation.actions.messages import (
    Letter,
    Signed,
    begin_stream,
    note_answer,
    note_no_line,
    open_line,
    queue_message,
    send_again,
    take_letters,
    try_now,
)
from aliquot.oversight.federation.actions.nodes import (
    introduce_node,
    name_node,
    renew_signing_key,
    sign_as_this_node,
)
from aliquot.oversight.federation.actions.probes import PROBE, answer_probe, probe_line

__all__ = [
    "PROBE",
    "Came",
    "Handler",
    "Letter",
    "Reply",
    "Signed",
    "answer_probe",
    "apply_messages",
    "begin_stream",
    "introduce_node",
    "name_node",
    "note_answer",
    "note_no_line",
    "open_line",
    "probe_line",
    "queue_message",
    "receive_message",
    "refuse_unread",
    "renew_signing_key",
    "send_again",
    "sign_as_this_node",
    "take_letters",
    "try_now",
]

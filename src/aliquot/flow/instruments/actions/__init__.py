"""The only code that changes analyzers, what they say and what they are told."""

from aliquot.flow.instruments.actions.adapting import remove_adaptation, set_adaptation
from aliquot.flow.instruments.actions.adjusting import (
    AnalyzerFacts,
    accept_proposals,
    change_analyzer,
    remove_mapping,
    set_mapping,
)
from aliquot.flow.instruments.actions.controlling import ControlReading
from aliquot.flow.instruments.actions.deciding import (
    assign_reading,
    dismiss_message,
    dismiss_reading,
    replay_message,
)
from aliquot.flow.instruments.actions.indexing import FiledIndex, claim_pending, note_pending
from aliquot.flow.instruments.actions.installing import install_analyzer
from aliquot.flow.instruments.actions.keeping import (
    KeptMessage,
    KeptTraffic,
    close_question,
    keep_answer,
    keep_messages,
    keep_traffic,
    stretch_of,
)
from aliquot.flow.instruments.actions.ordering import (
    OutgoingMessage,
    claim_outbox,
    follow_work,
    queue_orders,
    queue_reruns,
    requeue_request,
    withdraw_request,
)
from aliquot.flow.instruments.actions.reading import FiledReading, ReadBatch, read_batch, read_messages
from aliquot.flow.instruments.actions.replaying import (
    MessageChange,
    Replayed,
    ReplayPreview,
    apply_replay,
    preview_replay,
)
from aliquot.flow.instruments.actions.settling import note_delivered, note_sent, note_undelivered
from aliquot.flow.instruments.actions.stopping import start_driver, stop_driver
from aliquot.flow.instruments.actions.watching import LineFacts, note_line_states

__all__ = [
    "AnalyzerFacts",
    "ControlReading",
    "FiledIndex",
    "FiledReading",
    "KeptMessage",
    "KeptTraffic",
    "LineFacts",
    "MessageChange",
    "OutgoingMessage",
    "ReadBatch",
    "ReplayPreview",
    "Replayed",
    "accept_proposals",
    "apply_replay",
    "assign_reading",
    "change_analyzer",
    "claim_outbox",
    "claim_pending",
    "close_question",
    "dismiss_message",
    "dismiss_reading",
    "follow_work",
    "install_analyzer",
    "keep_answer",
    "keep_messages",
    "keep_traffic",
    "note_delivered",
    "note_line_states",
    "note_pending",
    "note_sent",
    "note_undelivered",
    "preview_replay",
    "queue_orders",
    "queue_reruns",
    "read_batch",
    "read_messages",
    "remove_adaptation",
    "remove_mapping",
    "replay_message",
    "requeue_request",
    "set_adaptation",
    "set_mapping",
    "start_driver",
    "stop_driver",
    "stretch_of",
    "withdraw_request",
]

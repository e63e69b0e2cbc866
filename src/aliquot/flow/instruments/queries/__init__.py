"""What others may ask about analyzers, what they sent, and what waits for a person."""

from aliquot.flow.instruments.queries.analyzers import (
    AnalyzerLine,
    AnalyzerState,
    Proposal,
    analyzer_lines,
    analyzer_states,
    count_quarantined,
    counts_since,
    proposals_for,
)
from aliquot.flow.instruments.queries.ledger import (
    Quarantined,
    SessionLine,
    decided_messages,
    decided_readings,
    latest_messages,
    quarantine,
    session_of,
    visible_text,
)
from aliquot.flow.instruments.queries.watching import (
    WatchedLine,
    line_healths,
    stopped_drivers,
    watched_lines,
)
from aliquot.flow.instruments.queries.work import (
    MeasuringPlace,
    PendingTest,
    ToMeasure,
    measuring_places,
    pending_tests,
    to_measure,
    work_orders,
)

__all__ = [
    "AnalyzerLine",
    "AnalyzerState",
    "MeasuringPlace",
    "PendingTest",
    "Proposal",
    "Quarantined",
    "SessionLine",
    "ToMeasure",
    "WatchedLine",
    "analyzer_lines",
    "analyzer_states",
    "count_quarantined",
    "counts_since",
    "decided_messages",
    "decided_readings",
    "latest_messages",
    "line_healths",
    "measuring_places",
    "pending_tests",
    "proposals_for",
    "quarantine",
    "session_of",
    "stopped_drivers",
    "to_measure",
    "visible_text",
    "watched_lines",
    "work_orders",
]

"""What others may ask about analyzers, what they sent, and what waits for a person."""

from aliquot.flow.instruments.queries.adapting import adaptations, seen_terms
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
from aliquot.flow.instruments.queries.indices import indices_of
from aliquot.flow.instruments.queries.ledger import (
    Quarantined,
    SessionLine,
    decided_messages,
    decided_readings,
    latest_messages,
    quarantine,
    session_of,
)
from aliquot.flow.instruments.queries.watching import (
    WatchedLine,
    line_healths,
    stopped_drivers,
    watched_lines,
)
from aliquot.flow.instruments.queries.work import (
    GatheredWork,
    MeasuringPlace,
    PendingTest,
    ToMeasure,
    gathered_work,
    measuring_places,
    pending_tests,
    rerun_obstacles,
    to_measure,
    waiting_tubes,
    work_orders,
)

__all__ = [
    "AnalyzerLine",
    "AnalyzerState",
    "GatheredWork",
    "MeasuringPlace",
    "PendingTest",
    "Proposal",
    "Quarantined",
    "SessionLine",
    "ToMeasure",
    "WatchedLine",
    "adaptations",
    "analyzer_lines",
    "analyzer_states",
    "count_quarantined",
    "counts_since",
    "decided_messages",
    "decided_readings",
    "gathered_work",
    "indices_of",
    "latest_messages",
    "line_healths",
    "measuring_places",
    "pending_tests",
    "proposals_for",
    "quarantine",
    "rerun_obstacles",
    "seen_terms",
    "session_of",
    "stopped_drivers",
    "to_measure",
    "waiting_tubes",
    "watched_lines",
    "work_orders",
]

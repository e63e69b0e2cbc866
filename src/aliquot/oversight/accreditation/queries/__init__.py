"""The binder of a laboratory, and its management reviews with their figures."""

from aliquot.oversight.accreditation.queries.binder import EVIDENCE, MOST, Held, binder_of, clauses
from aliquot.oversight.accreditation.queries.figures import FIGURES, Figure, Span, figures_of, span_of
from aliquot.oversight.accreditation.queries.reviews import (
    action_of,
    document_of,
    entries_of,
    follow_up,
    inputs,
    review_of,
    reviews_of,
)

__all__ = [
    "EVIDENCE",
    "FIGURES",
    "MOST",
    "Figure",
    "Held",
    "Span",
    "action_of",
    "binder_of",
    "clauses",
    "document_of",
    "entries_of",
    "figures_of",
    "follow_up",
    "inputs",
    "review_of",
    "reviews_of",
    "span_of",
]

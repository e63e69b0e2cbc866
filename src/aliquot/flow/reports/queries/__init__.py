"""Reports as others may ask for them, and what a report is composed of."""

from aliquot.flow.reports.queries.facts import read_facts
from aliquot.flow.reports.queries.reports import (
    ConcernedRow,
    ReportedRow,
    concerned_by,
    corrections_of,
    count_concerned,
    latest_report,
    latest_reports,
    notices_open,
    notices_settled,
    notices_to_take,
    reported_rows,
    reports_for,
    reports_of_patients,
    versions_of,
)

__all__ = [
    "ConcernedRow",
    "ReportedRow",
    "concerned_by",
    "corrections_of",
    "count_concerned",
    "latest_report",
    "latest_reports",
    "notices_open",
    "notices_settled",
    "notices_to_take",
    "read_facts",
    "reported_rows",
    "reports_for",
    "reports_of_patients",
    "versions_of",
]

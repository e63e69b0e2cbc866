"""The database server: an embedded PostgreSQL under our own supervision, or one that is given."""

from aliquot.foundation.postgres.addresses import connect_urls
from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.exports import admit_reader, export_url, has_export, running_export
from aliquot.foundation.postgres.roles import (
    DatabaseUrls,
    database_of,
    prepare_database,
    prepare_given_database,
)
from aliquot.foundation.postgres.server import Server, Status, ensure_running, make_url, status, stop

__all__ = [
    "DatabaseUrls",
    "PostgresUnavailable",
    "Server",
    "Status",
    "admit_reader",
    "connect_urls",
    "database_of",
    "ensure_running",
    "export_url",
    "has_export",
    "make_url",
    "prepare_database",
    "prepare_given_database",
    "running_export",
    "status",
    "stop",
]

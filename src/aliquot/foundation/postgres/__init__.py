"""The database server: an embedded PostgreSQL under our own supervision, or one that is given."""

from aliquot.foundation.postgres.addresses import connect_urls
from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.roles import DatabaseUrls, prepare_database, prepare_given_database
from aliquot.foundation.postgres.server import Server, Status, ensure_running, status, stop

__all__ = [
    "DatabaseUrls",
    "PostgresUnavailable",
    "Server",
    "Status",
    "connect_urls",
    "ensure_running",
    "prepare_database",
    "prepare_given_database",
    "status",
    "stop",
]

"""The database server: an embedded PostgreSQL under our own supervision, or one that is given."""

from aliquot.foundation.postgres.errors import PostgresUnavailable
from aliquot.foundation.postgres.server import Server, Status, ensure_running, status, stop

__all__ = ["PostgresUnavailable", "Server", "Status", "ensure_running", "status", "stop"]

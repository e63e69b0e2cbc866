"""A region handed over, beside pg_dump and pg_restore of the same database in the same run."""

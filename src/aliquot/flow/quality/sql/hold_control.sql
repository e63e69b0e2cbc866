-- One at a time files controls of a test on an analyzer: runs are numbered, and rules look back over them.
SELECT pg_advisory_xact_lock(%(analyzer)s::integer, %(test)s::integer);

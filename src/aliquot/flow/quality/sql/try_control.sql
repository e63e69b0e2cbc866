-- Hold how a test on an analyzer stands, unless somebody else does; whether it is held.
SELECT pg_try_advisory_xact_lock(%(analyzer)s::integer, %(test)s::integer);

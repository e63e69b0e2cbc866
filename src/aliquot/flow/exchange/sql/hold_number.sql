-- Let documents with one number of one sender wait for each other until this transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(%(number)s, 0));

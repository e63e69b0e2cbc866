-- Decide by the rules as they are until this transaction ends: who changes them waits for it, and it for who changes them.
SELECT pg_advisory_xact_lock_shared(7303, 1);

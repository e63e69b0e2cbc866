-- Wait for the batches that are being decided now; those that begin later see what is committed before.
SELECT pg_advisory_lock(7303, 1), pg_advisory_unlock(7303, 1);

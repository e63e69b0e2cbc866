-- Wait until nobody decides by the rules as they were; who decides next waits for this transaction, and sees its change.
SELECT pg_advisory_xact_lock(7303, 1);

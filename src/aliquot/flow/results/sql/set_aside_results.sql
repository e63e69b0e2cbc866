-- A person holds or refuses results: the new state, and the reason after those that are there already.
UPDATE result
   SET state = %(state)s, reasons = reasons || %(reason)s::jsonb, decided_at = %(at)s
 WHERE id = ANY(%(ids)s::bigint[]) AND state IN ('recorded', 'held');

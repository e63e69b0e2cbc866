-- These tubes have just arrived at the laboratory: nothing of them is accepted.
UPDATE specimen SET state = 'arrived', accepted_at = NULL WHERE number = ANY(%(numbers)s::text[]);
UPDATE specimen_test SET state = 'pending'
 WHERE specimen_id IN (SELECT id FROM specimen WHERE number = ANY(%(numbers)s::text[]));

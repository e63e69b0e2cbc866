-- Take a batch of one kind that is due; two workers never take the same, and a rollback gives it back.
DELETE FROM event
 WHERE id IN (SELECT id FROM event
               WHERE kind = %(kind)s AND (not_before IS NULL OR not_before <= clock_timestamp())
               ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING subject_id;

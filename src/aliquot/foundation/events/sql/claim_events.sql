-- Take a batch of one kind; two workers never take the same, and a rollback gives it back.
DELETE FROM event
 WHERE id IN (SELECT id FROM event WHERE kind = %(kind)s ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING subject_id;

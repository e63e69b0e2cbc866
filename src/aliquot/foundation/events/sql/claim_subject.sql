-- Take one subject of a kind, all its events; nothing when another worker holds it.
DELETE FROM event
 WHERE id IN (SELECT id FROM event WHERE kind = %(kind)s AND subject_id = %(subject)s FOR UPDATE SKIP LOCKED)
RETURNING subject_id;

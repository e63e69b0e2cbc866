-- The oldest subjects of one kind that are due.
SELECT subject_id FROM event
 WHERE kind = %(kind)s AND (not_before IS NULL OR not_before <= clock_timestamp())
 GROUP BY subject_id ORDER BY min(id) LIMIT %(limit)s;

-- Have readings that wait matched again.
UPDATE reading SET state = 'received', decided_at = %(at)s, decided_by = %(by)s
 WHERE id = ANY(%(ids)s::bigint[]) AND state = 'quarantined';

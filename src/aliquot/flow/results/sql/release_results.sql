-- A person releases results that wait.
UPDATE result
   SET state = 'released', is_automatic = false, released_at = %(at)s, released_by = %(by)s
 WHERE id = ANY(%(ids)s::bigint[]) AND state = 'held';

-- What becomes of earlier runs now that a further one came; one that a person decided meanwhile, or that a
-- look-back holds, keeps what it has.
UPDATE result r
   SET state = given.state, reasons = given.reasons::jsonb, decided_at = %(at)s,
       is_automatic = given.state = 'released',
       released_at = CASE WHEN given.state = 'released' THEN %(at)s::timestamptz END,
       released_by = CASE WHEN given.state = 'released' THEN %(by)s ELSE '' END
  FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[]) AS given (id, state, reasons)
 WHERE r.id = given.id AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state || '' = 'held'
   AND NOT EXISTS (SELECT FROM look_back_member m WHERE m.result_id = r.id AND m.settled_id IS NULL)
RETURNING r.id;

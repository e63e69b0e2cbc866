-- Values that a look-back held before their release wait for a person like others.
UPDATE result r
   SET reasons = r.reasons || %(reason)s::jsonb
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state = 'held'
RETURNING r.id;

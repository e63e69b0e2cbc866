-- Values that a look-back held before their release wait for a person like others; what the rules have not decided, they do.
UPDATE result r
   SET state = CASE WHEN r.decided_at IS NULL THEN 'recorded' ELSE 'held' END, reasons = r.reasons || %(reason)s::jsonb
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state = 'held'
RETURNING r.id;

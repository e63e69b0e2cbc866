-- Recalled values hold again; the first release stays named.
UPDATE result r
   SET state = 'released', reasons = r.reasons || %(reason)s::jsonb, decided_at = %(at)s
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state = 'recalled'
RETURNING r.id, r.order_id;

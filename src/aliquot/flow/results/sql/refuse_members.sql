-- Values that a look-back held before their release are refused.
UPDATE result r
   SET state = 'refused', reasons = r.reasons || %(reason)s::jsonb, decided_at = %(at)s
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state = 'held'
RETURNING r.id, r.order_id, r.order_item_id;

-- Released values, or recalled ones, are withdrawn: they stay, with the reason after those that are there already.
UPDATE result r
   SET state = 'withdrawn', reasons = r.reasons || %(reason)s::jsonb, decided_at = %(at)s
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.state IN ('released', 'recalled')
RETURNING r.id, r.order_id, r.order_item_id;

-- The orders of these results, and the earliest collection among them.
SELECT coalesce(array_agg(DISTINCT r.order_id), '{}'), min(r.collected_at)
  FROM result r
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[]);

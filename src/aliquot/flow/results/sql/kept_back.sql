-- Of which of these orders a release may still be taken back, and until when at the latest.
SELECT d.order_id, max(d.until)
  FROM decision d
 WHERE d.order_id = ANY(%(orders)s::bigint[]) AND d.ended_at IS NULL AND d.kind = 'released'
 GROUP BY d.order_id
 ORDER BY d.order_id;

-- What people decided about these orders and can no longer take back goes its way.
WITH settled AS (
    UPDATE decision d
       SET ended_at = %(at)s
     WHERE d.order_id = ANY(%(orders)s::bigint[]) AND d.ended_at IS NULL AND d.until <= %(at)s
    RETURNING d.result_id, d.kind
)
SELECT r.id, r.order_id, r.order_item_id, settled.kind
  FROM settled
  JOIN result r ON r.id = settled.result_id AND r.state = settled.kind
 ORDER BY r.order_id, r.order_item_id;

-- The runs that the rules sent back of these tests of orders, the oldest first.
SELECT r.order_item_id, r.id, r.value_text, r.state, r.reasons
  FROM unnest(%(orders)s::bigint[], %(items)s::bigint[]) AS wanted (order_id, item_id)
  JOIN result r ON r.order_id = wanted.order_id AND r.order_item_id = wanted.item_id
   AND r.id >= %(since)s::bigint AND r.id < %(until)s::bigint
 WHERE r.state IN ('held', 'kept') AND r.id <> ALL (%(ids)s::bigint[])
 ORDER BY r.id;

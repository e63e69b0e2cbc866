-- Take the oldest undecided results; an order whose rows somebody else holds waits for the next batch.
SELECT r.id
  FROM result r
  JOIN order_item i ON i.id = r.order_item_id
  JOIN lab_order o ON o.id = r.order_id
 WHERE r.state = 'recorded'
 ORDER BY r.id
 LIMIT %(limit)s
   FOR NO KEY UPDATE OF r, i, o SKIP LOCKED;

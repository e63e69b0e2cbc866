-- Take the oldest undecided results; an order that somebody else holds waits for the next batch.
SELECT r.id
  FROM result r
  JOIN lab_order o ON o.id = r.order_id
 WHERE r.state = 'recorded'
 ORDER BY r.id
 LIMIT %(limit)s
   FOR NO KEY UPDATE OF o SKIP LOCKED;

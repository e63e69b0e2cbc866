-- What was measured of an order, or of one of its tubes, and may still be held or recalled.
SELECT r.id, r.order_id, r.ordering_site_id, r.state, r.test_id, r.analyzer_id, r.measured_at, r.value, r.flag
  FROM lab_order o
  JOIN result r ON r.order_id = o.id AND r.id >= results_since(least(o.placed_at, now()))
 WHERE o.id = %(order)s AND r.laboratory_id = %(laboratory)s
   AND (%(specimen)s::bigint IS NULL OR r.specimen_id = %(specimen)s)
   AND (%(test)s::bigint IS NULL OR r.test_id = %(test)s)
   AND r.state IN ('recorded', 'held', 'released')
 ORDER BY r.measured_at, r.id
 LIMIT %(limit)s;

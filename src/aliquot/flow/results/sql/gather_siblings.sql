-- The other values of these orders, the newest of each test, each with the patient's earlier released one; what is being
-- decided (`ids`) is left out, and so is what was refused, withdrawn or replaced.
SELECT e.order_id, e.test_id, e.value, e.value_text, e.comparator, e.unit, e.flag, e.low, e.high, e.collected_at,
       previous.value, previous.collected_at
  FROM unnest(%(orders)s::bigint[]) AS wanted (id)
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (x.order_item_id) x.*
         FROM result x
        WHERE x.order_id = wanted.id AND x.id >= %(since)s::bigint AND x.id < %(until)s::bigint
          AND x.state IN ('recorded', 'held', 'released') AND x.id <> ALL (%(ids)s::bigint[])
        ORDER BY x.order_item_id, x.id DESC) e
  LEFT JOIN LATERAL (
       SELECT y.value, y.collected_at
         FROM result y
        WHERE y.patient_id = e.patient_id AND y.test_id = e.test_id AND y.collected_at < e.collected_at
          AND y.collected_at >= e.collected_at - make_interval(days => %(look_back)s::integer)
          AND y.id >= %(compared_since)s::bigint AND y.id < %(until)s::bigint
          AND y.state = 'released' AND y.value IS NOT NULL AND y.comparator = '' AND y.unit = e.unit
        ORDER BY y.collected_at DESC
        LIMIT 1) previous ON true;

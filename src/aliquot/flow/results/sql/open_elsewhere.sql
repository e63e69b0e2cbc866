-- What the patient's other orders of the last month that are still open ask for and have, the newest order first.
SELECT o.number AS order_number, o.placed_at, t.short_en, t.short_ru, i.state AS item_state, r.id AS result_id, r.state,
       coalesce(r.value_text, '') AS value_text, r.value, coalesce(r.unit, '') AS unit, t.unit_ru, coalesce(r.flag, '') AS flag
  FROM (SELECT x.id, x.number, x.placed_at
          FROM lab_order x
         WHERE x.patient_id = %(patient)s AND x.state = 'placed' AND x.id <> %(order)s AND x.placed_at > %(since)s
         ORDER BY x.placed_at DESC
         LIMIT 5) o
  JOIN order_item i ON i.order_id = o.id
  JOIN test t ON t.id = i.test_id
  LEFT JOIN LATERAL (
       SELECT e.*
         FROM result e
        WHERE e.order_id = o.id AND e.order_item_id = i.id AND e.id >= results_since(least(o.placed_at, now()))
          AND e.id < month_begins(now() + interval '32 days') AND e.state IN ('recorded', 'held', 'released')
        ORDER BY e.id DESC
        LIMIT 1) r ON true
 ORDER BY o.placed_at DESC, o.id, i.position, i.id
 LIMIT 60;

-- Every test of an order with every value that was recorded for it.
SELECT i.id AS item_id, i.state AS item_state, t.id AS test_id, t.code AS test_code, t.short_en, t.short_ru,
       t.name_en, t.name_ru, t.decimals, t.unit_ru, r.id AS result_id, r.state, r.value, r.value_text, r.unit, r.flag,
       r.low, r.high, r.run, r.version, r.dilution, coalesce(r.reasons, '[]') AS reasons, a.name AS analyzer, r.analyzer_flags,
       r.measured_at, r.released_at, r.released_by, r.is_automatic, r.comment, r.amend_reason,
       s.id AS specimen_id, s.number AS specimen_number
  FROM order_item i
  JOIN test t ON t.id = i.test_id
  LEFT JOIN result r ON r.order_id = i.order_id AND r.order_item_id = i.id
   AND r.id >= (SELECT results_since(least(o.placed_at, now())) FROM lab_order o WHERE o.id = %(order)s)
  LEFT JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN LATERAL (
       SELECT s.id, s.number
         FROM specimen_test st
         JOIN specimen s ON s.id = st.specimen_id
        WHERE st.order_item_id = i.id AND (r.specimen_id IS NULL OR s.id = r.specimen_id)
        ORDER BY s.id DESC
        LIMIT 1) s ON true
 WHERE i.order_id = %(order)s
 ORDER BY i.position, i.id, r.run, r.version, r.id;

-- Hold these results with their orders, always in the same order, and say what they are now.
SELECT r.id, r.state, r.laboratory_id, r.order_id, r.order_item_id, r.value_text, r.released_by, r.released_at,
       r.decided_at, r.reasons, i.state AS item_state, o.state AS order_state, o.number AS order_number,
       t.short_en, t.short_ru
  FROM result r
  JOIN order_item i ON i.id = r.order_item_id
  JOIN lab_order o ON o.id = r.order_id
  JOIN test t ON t.id = r.test_id
 WHERE r.id = ANY(%(ids)s::bigint[])
 ORDER BY o.id, i.id, r.id
   FOR NO KEY UPDATE OF o, i, r;

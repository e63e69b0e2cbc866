-- The results of an order in the order of its tests, older versions first; also read by DuckDB.
SELECT t.code, t.name_en, t.name_ru, r.value_text, r.unit, r.flag, r.state, r.version, r.released_at
  FROM result r
  JOIN test t ON t.id = r.test_id
  JOIN order_item i ON i.id = r.order_item_id
 WHERE r.order_id = %(order_id)s::bigint
 ORDER BY i.position, i.id, r.version, r.id;

-- The tubes of an order; also read by DuckDB.
SELECT s.number, k.name_en, k.name_ru, s.state, s.collected_at
  FROM specimen s
  JOIN specimen_type k ON k.id = s.specimen_type_id
 WHERE s.order_id = %(order_id)s::bigint
 ORDER BY s.id;

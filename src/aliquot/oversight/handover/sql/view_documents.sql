-- The printed reports of an order; also read by DuckDB.
SELECT d.id, r.version, r.kind, d.language, r.released_at
  FROM report_document d
  JOIN report r ON r.id = d.report_id
 WHERE r.order_id = %(order_id)s::bigint
 ORDER BY r.version, d.language, d.id;

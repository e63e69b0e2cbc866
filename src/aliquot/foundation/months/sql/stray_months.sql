-- The months that rows without one carry in their ids.
SELECT DISTINCT 'result' AS table_name, (id >> 40)::integer AS month FROM months.result_stray
UNION ALL SELECT DISTINCT 'audit_block', (id >> 40)::integer FROM months.audit_block_stray
UNION ALL SELECT DISTINCT 'audit_row', (block_id >> 40)::integer FROM months.audit_row_stray
 ORDER BY 1, 2;

-- Tables with rows that stand in no month.
SELECT t.table_name, t.rows
  FROM (SELECT 'result' AS table_name, count(*) AS rows FROM months.result_stray
        UNION ALL SELECT 'audit_block', count(*) FROM months.audit_block_stray
        UNION ALL SELECT 'audit_row', count(*) FROM months.audit_row_stray) t
 WHERE t.rows > 0;

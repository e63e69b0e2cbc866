-- Blocks of the audit in which results were decided.
SELECT id, rows FROM audit_block
 WHERE id > %(after)s::bigint AND table_name = 'result' AND operation = 'update' ORDER BY id;

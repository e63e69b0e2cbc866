-- Blocks of the audit in which results changed.
SELECT id FROM audit_block WHERE id > %(after)s::bigint AND table_name = 'result' ORDER BY id;

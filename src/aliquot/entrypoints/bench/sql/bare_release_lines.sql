-- Release what this transaction kept.
UPDATE bare_result SET state = 'released', released_at = now(), released_by = 'bare'
 WHERE id > currval(pg_get_serial_sequence('bare_result', 'id')) - 20000 AND xmin = pg_current_xact_id()::xid;

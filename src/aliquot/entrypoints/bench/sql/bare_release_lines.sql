-- Release what this transaction kept.
UPDATE bare_result SET state = 'released', released_at = now(), released_by = 'bare'
 WHERE id > %(result)s::bigint AND xmin = pg_current_xact_id()::xid;

-- A row of the audit for each result.
INSERT INTO bare_audit (block, row_id, at, actor, after)
SELECT block.id, r.id, now(), 'bare', to_jsonb(r)
  FROM (SELECT nextval('bare_block') AS id) block
 CROSS JOIN bare_result r
 WHERE r.id > currval(pg_get_serial_sequence('bare_result', 'id')) - 20000 AND r.xmin = pg_current_xact_id()::xid;

-- A row of the audit for each result.
INSERT INTO bare_audit (block, row_id, at, actor, after)
SELECT block.id, r.id, now(), 'bare', to_jsonb(r)
  FROM (SELECT nextval('bare_block') AS id) block
 CROSS JOIN bare_result r
 WHERE r.id > %(result)s::bigint AND r.xmin = pg_current_xact_id()::xid;

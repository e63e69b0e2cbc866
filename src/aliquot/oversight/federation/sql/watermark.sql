-- The newest block of the audit that can be seen, the oldest transaction under way; when the block is news, a number given out later.
SELECT newest.block, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
       CASE WHEN newest.block > %(known)s::bigint THEN pg_current_xact_id()::text::bigint END AS xmax, clock_timestamp() AS at
  FROM (SELECT coalesce(max(id), 0) AS block FROM audit_block) newest;

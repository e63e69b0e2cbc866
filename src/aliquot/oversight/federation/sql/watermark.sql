-- The newest block of the audit that can be seen, and between which transactions: what is older than `xmax` may still come.
SELECT coalesce((SELECT max(id) FROM audit_block), 0) AS block, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax, clock_timestamp() AS at;

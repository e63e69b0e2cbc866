-- How many blocks in a span of ids are not what their chain says.
WITH block AS (
    SELECT b.*, lag(b.seq) OVER chain AS earlier_seq, lag(b.hash) OVER chain AS earlier_hash
      FROM audit_block b WHERE b.id >= %(low)s::bigint AND b.id < %(high)s::bigint
    WINDOW chain AS (PARTITION BY b.slot ORDER BY b.seq)
)
SELECT count(*)
  FROM block b
 CROSS JOIN LATERAL (
       SELECT count(*) AS row_count, sha256(convert_to(string_agg(
                  concat_ws(E'\x1f', row_id, coalesce(before::text, ''), coalesce(after::text, '')),
                  E'\x1e' ORDER BY row_id), 'UTF8')) AS digest
         FROM audit_row r
        WHERE r.block_id = b.id AND r.block_id >= %(low)s::bigint AND r.block_id < %(high)s::bigint) r
 CROSS JOIN LATERAL (
       SELECT CASE WHEN b.earlier_seq = b.seq - 1 THEN b.earlier_hash
                   ELSE coalesce((SELECT e.hash FROM audit_block e WHERE e.slot = b.slot AND e.seq = b.seq - 1),
                                 (SELECT a.last_hash FROM archived_chain a
                                   WHERE a.slot = b.slot AND a.last_seq = b.seq - 1),
                                 CASE WHEN b.seq = 1 THEN ''::bytea END) END AS hash) earlier
 WHERE r.row_count <> b.rows OR r.digest IS DISTINCT FROM b.digest OR earlier.hash IS NULL
    OR b.hash <> audit_link(earlier.hash, b.digest, b.slot, b.seq, b.at, b.actor, b.reason, b.table_name, b.operation, b.rows);

-- Every block whose rows, place or hash are not what the chain says, with the reason in a word.
WITH found AS (
    SELECT b.*, coalesce(r.row_count, 0) AS rows_found, r.digest AS digest_found,
           coalesce(lag(b.hash) OVER chain, '') AS earlier, coalesce(lag(b.seq) OVER chain, 0) AS earlier_seq
      FROM audit_block b
      LEFT JOIN LATERAL (
          SELECT count(*) AS row_count, sha256(convert_to(string_agg(
                     concat_ws(E'\x1f', row_id, coalesce(before::text, ''), coalesce(after::text, '')),
                     E'\x1e' ORDER BY row_id), 'UTF8')) AS digest
            FROM audit_row WHERE block_id = b.id) r ON true
    WINDOW chain AS (PARTITION BY b.slot ORDER BY b.seq)
), judged AS (
    SELECT id, slot, seq, table_name, CASE
        WHEN seq <> earlier_seq + 1 THEN 'a block before this one was removed'
        WHEN rows_found <> rows THEN 'rows were added or removed'
        WHEN digest_found IS DISTINCT FROM digest THEN 'a row was altered'
        WHEN hash <> audit_link(earlier, digest, slot, seq, at, actor, reason, table_name, operation, rows)
            THEN 'the block was altered'
        END AS fault
      FROM found
)
SELECT id, slot, seq, table_name, fault FROM judged WHERE fault IS NOT NULL
UNION ALL
SELECT 0, h.slot, h.seq, '', 'the end of the chain was removed'
  FROM audit_head h
 WHERE h.seq > 0 AND NOT EXISTS (SELECT 1 FROM audit_block b WHERE b.slot = h.slot AND b.seq = h.seq AND b.hash = h.hash)
UNION ALL
SELECT r.block_id, 0, 0, r.table_name, 'a row stands in no block'
  FROM audit_row r WHERE NOT EXISTS (SELECT 1 FROM audit_block b WHERE b.id = r.block_id)
ORDER BY 2, 3
LIMIT %(limit)s;

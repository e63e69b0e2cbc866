-- Every block whose rows, place or hash are not what the chain says, with the reason in a word.
-- A stretch whose month was put away stands in its chain as one link: what it began after, and what it ended with.
WITH link AS (
    SELECT b.slot, b.seq, b.seq AS last_seq, b.hash, NULL::bytea AS before_hash, b.id FROM audit_block b
    UNION ALL
    SELECT a.slot, a.first_seq, a.last_seq, a.last_hash, a.before_hash, NULL FROM archived_chain a
), chained AS (
    SELECT link.*, coalesce(lag(hash) OVER chain, '') AS earlier, coalesce(lag(last_seq) OVER chain, 0) AS earlier_seq
      FROM link
    WINDOW chain AS (PARTITION BY slot ORDER BY seq, last_seq)
), found AS (
    SELECT b.*, coalesce(r.row_count, 0) AS rows_found, r.digest AS digest_found, c.earlier, c.earlier_seq
      FROM chained c
      JOIN audit_block b ON b.id = c.id
      LEFT JOIN LATERAL (
          SELECT count(*) AS row_count, sha256(convert_to(string_agg(
                     concat_ws(E'\x1f', row_id, coalesce(before::text, ''), coalesce(after::text, '')),
                     E'\x1e' ORDER BY row_id), 'UTF8')) AS digest
            FROM audit_row WHERE block_id = b.id) r ON true
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
SELECT 0, c.slot, c.seq, '', CASE
       WHEN c.seq <> c.earlier_seq + 1 THEN 'a block before this archived month was removed'
       ELSE 'the archived month does not continue the chain' END
  FROM chained c
 WHERE c.id IS NULL AND (c.seq <> c.earlier_seq + 1 OR c.before_hash <> c.earlier)
UNION ALL
SELECT 0, h.slot, h.seq, '', 'the end of the chain was removed'
  FROM audit_head h
 WHERE h.seq > 0
   AND NOT EXISTS (SELECT 1 FROM link l WHERE l.slot = h.slot AND l.last_seq = h.seq AND l.hash = h.hash)
UNION ALL
SELECT r.block_id, 0, 0, r.table_name, 'a row stands in no block'
  FROM audit_row r WHERE NOT EXISTS (SELECT 1 FROM audit_block b WHERE b.id = r.block_id)
ORDER BY 2, 3
LIMIT %(limit)s;

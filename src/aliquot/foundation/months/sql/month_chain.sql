-- The unbroken stretches of each chain in a span of ids: what each begins after, and what it ends with.
WITH place AS (
    SELECT slot, seq, hash, seq - row_number() OVER (PARTITION BY slot ORDER BY seq) AS island
      FROM audit_block WHERE id >= %(low)s::bigint AND id < %(high)s::bigint
), stretch AS (
    SELECT slot, min(seq) AS first_seq, max(seq) AS last_seq, (array_agg(hash ORDER BY seq DESC))[1] AS last_hash
      FROM place GROUP BY slot, island
)
SELECT s.slot, s.first_seq, s.last_seq,
       coalesce((SELECT b.hash FROM audit_block b WHERE b.slot = s.slot AND b.seq = s.first_seq - 1),
                (SELECT a.last_hash FROM archived_chain a WHERE a.slot = s.slot AND a.last_seq = s.first_seq - 1), ''),
       s.last_hash
  FROM stretch s
 ORDER BY s.slot, s.first_seq;

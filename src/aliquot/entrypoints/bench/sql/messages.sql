-- What the analyzers sent in the past: one message a tube, in bytes of the usual length.
INSERT INTO message (id, laboratory_id, analyzer_id, is_outgoing, received_at, connection, content, digest, state, problems,
                     decided_by)
SELECT %(first_message)s + 1 + tube.place, %(hub)s, p.analyzer_id, false,
       %(begin)s + %(step)s * g + interval '2 hours', 'history', convert_to(repeat('history ', 50), 'UTF8'),
       sha256(convert_to(tube.place::text, 'UTF8')), 'filed', '[]', ''
  FROM generate_series(%(ledger_from)s::bigint, %(count)s - 1) AS g
  JOIN (SELECT DISTINCT ON (tube) * FROM bench_plan ORDER BY tube, item) p ON p.kind = mod(g, %(kinds)s)
 CROSS JOIN LATERAL (SELECT g / %(kinds)s * %(tubes)s + p.tube AS place) tube;

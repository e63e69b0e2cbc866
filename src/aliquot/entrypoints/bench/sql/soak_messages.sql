-- What came in over every line, and what became of it.
SELECT a.code, m.content, m.state, coalesce(m.problems -> 0 ->> 'code', ''), coalesce(m.problems -> 0 ->> 'detail', '')
  FROM message m
  JOIN analyzer a ON a.id = m.analyzer_id
 WHERE NOT m.is_outgoing
 ORDER BY m.id;

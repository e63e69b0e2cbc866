-- What was said to the analyzers, by what became of it.
SELECT m.state, coalesce(m.problems -> 0 ->> 'code', ''), count(*)
  FROM message m
 WHERE m.is_outgoing
 GROUP BY 1, 2;

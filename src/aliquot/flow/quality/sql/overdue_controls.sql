-- Tests on analyzers that stand in control, and whose plan asks for a run that has not come.
SELECT p.analyzer_id, p.test_id
  FROM control_plan p
  JOIN release_state q ON q.analyzer_id = p.analyzer_id AND q.test_id = p.test_id AND q.until IS NULL
                      AND q.qc_state = 'in_control'
  LEFT JOIN LATERAL (SELECT r.began_at FROM control_run r
                      WHERE r.analyzer_id = p.analyzer_id AND r.test_id = p.test_id AND r.is_complete
                        AND (r.verdict <> 'establishing' OR NOT q.is_by_rule)
                      ORDER BY r.began_at DESC, r.number DESC LIMIT 1) last ON true
 WHERE p.until IS NULL AND p.every_minutes IS NOT NULL
   -- what a person said holds as long as a run
   AND coalesce(greatest(last.began_at, CASE WHEN NOT q.is_by_rule THEN coalesce(q.said_at, q.since) END), '-infinity') + make_interval(mins => p.every_minutes) < %(at)s::timestamptz
 ORDER BY p.analyzer_id, p.test_id
 LIMIT %(limit)s;

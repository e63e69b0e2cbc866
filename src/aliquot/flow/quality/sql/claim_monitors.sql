-- Monitors in use over these tests on these analyzers with where they stand, held in one order until the results are kept.
-- What a monitor is does not change while it is in use: it is read once (monitors_in_use).
SELECT m.id, m.analyzer_id, m.test_id, m.approved_at, s.values, s.counted, s.is_alarmed
  FROM unnest(%(analyzers)s::bigint[], %(tests)s::bigint[]) AS given (analyzer_id, test_id)
  JOIN patient_monitor m ON m.analyzer_id = given.analyzer_id AND m.test_id = given.test_id AND m.state = 'active'
  JOIN monitor_state s ON s.monitor_id = m.id
 ORDER BY m.id
   FOR NO KEY UPDATE OF s;

-- Floating targets in force with a whole window of good values measured since, and these values, oldest first.
SELECT t.id, newer.values
  FROM control_target t
  JOIN LATERAL (
       SELECT array_agg(c.value ORDER BY c.measured_at, c.id) AS values, count(*) AS count
         FROM (SELECT c.id, c.value, c.measured_at
                 FROM control_result c JOIN control_run r ON r.id = c.run_id
                WHERE c.lot_id = t.lot_id AND c.test_id = t.test_id AND c.analyzer_id = t.analyzer_id
                  AND c.measured_at > t.since AND c.measured_at <= %(at)s::timestamptz
                  AND c.is_counted AND r.verdict IN ('accepted', 'warning')
                ORDER BY c.measured_at DESC
                LIMIT %(window)s) c) newer ON newer.count >= %(window)s
 WHERE t.until IS NULL AND t.is_floating AND t.since < %(at)s::timestamptz
 ORDER BY t.id
 LIMIT %(limit)s;

-- Tests on analyzers that an open alarm stops and that do not stand out of control yet.
SELECT DISTINCT a.analyzer_id, a.test_id
  FROM monitor_alarm a
 WHERE a.closed_at IS NULL AND a.blocks
   AND NOT EXISTS (SELECT FROM release_state q
                    WHERE q.analyzer_id = a.analyzer_id AND q.test_id = a.test_id AND q.until IS NULL AND q.qc_state = 'out_of_control');

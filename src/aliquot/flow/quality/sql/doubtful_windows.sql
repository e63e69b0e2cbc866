-- From the last good control before a failure (without one: from ever; of an alarm: from a block before it) to the next good one: what was measured between is in doubt.
SELECT f.analyzer_id, f.test_id,
       coalesce(
           (SELECT a.doubtful_since FROM monitor_alarm a
             WHERE a.analyzer_id = f.analyzer_id AND a.test_id = f.test_id AND a.blocks
               AND f.since BETWEEN a.found_at AND a.found_at + interval '1 millisecond'
             ORDER BY a.found_at DESC LIMIT 1),
           greatest(
               (SELECT max(g.since) FROM release_state g
                 WHERE g.analyzer_id = f.analyzer_id AND g.test_id = f.test_id
                   AND g.since < f.since AND g.qc_state = 'in_control'),
               (SELECT c.began_at FROM control_run c
                 WHERE c.analyzer_id = f.analyzer_id AND c.test_id = f.test_id AND c.is_complete
                   AND c.verdict IN ('accepted', 'warning') AND c.began_at < f.since
                 ORDER BY c.number DESC LIMIT 1)),
           '2000-01-01T00:00:00Z'::timestamptz) AS since,
       (SELECT min(g.since) FROM release_state g
         WHERE g.analyzer_id = f.analyzer_id AND g.test_id = f.test_id
           AND g.since > f.since AND g.qc_state = 'in_control') AS until
  FROM release_state f
 WHERE f.id = %(failure)s AND f.laboratory_id = %(laboratory)s AND f.qc_state = 'out_of_control';

-- From the last good control before a failure (without one: from ever) to the next good one: what was measured between is in doubt.
SELECT f.analyzer_id, f.test_id,
       coalesce(greatest(
           (SELECT max(g.since) FROM release_state g
             WHERE g.analyzer_id = f.analyzer_id AND g.test_id = f.test_id
               AND g.since < f.since AND g.qc_state = 'in_control'),
           (SELECT c.began_at FROM control_run c
             WHERE c.analyzer_id = f.analyzer_id AND c.test_id = f.test_id AND c.is_complete
               AND c.verdict IN ('accepted', 'warning') AND c.began_at < f.since
             ORDER BY c.number DESC LIMIT 1)), '2000-01-01T00:00:00Z'::timestamptz) AS since,
       (SELECT min(g.since) FROM release_state g
         WHERE g.analyzer_id = f.analyzer_id AND g.test_id = f.test_id
           AND g.since > f.since AND g.qc_state = 'in_control') AS until
  FROM release_state f
 WHERE f.id = %(failure)s AND f.laboratory_id = %(laboratory)s AND f.qc_state = 'out_of_control';

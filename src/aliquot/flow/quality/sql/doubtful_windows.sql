-- From the last good control before a failure (without one: from ever; of an alarm: from a block before it) to the next good one: what was measured between is in doubt.
-- A failed run failed when it was measured, not when it came. What a person said counts as a control where no plan asks for one, or none was good yet.
SELECT f.analyzer_id, f.test_id,
       least(alarm.since, CASE WHEN alarm.since IS NULL OR broken.began_at IS NOT NULL
                               THEN coalesce(greatest(good.began_at, said.unplanned_at), said.at, '2000-01-01T00:00:00Z'::timestamptz) END) AS since,
       (SELECT min(g.since) FROM release_state g
         WHERE g.analyzer_id = f.analyzer_id AND g.test_id = f.test_id
           AND g.since > f.since AND g.qc_state = 'in_control') AS until
  FROM release_state f
  LEFT JOIN LATERAL (SELECT min(m.began_at) AS began_at
                       FROM control_violation v JOIN control_run m ON m.id = v.run_id
                      WHERE v.laboratory_id = f.laboratory_id AND v.analyzer_id = f.analyzer_id AND v.test_id = f.test_id AND v.is_rejection
                        AND v.found_at BETWEEN f.since - interval '1 millisecond' AND f.since) broken ON true
  LEFT JOIN LATERAL (SELECT min(a.doubtful_since) AS since
                       FROM monitor_alarm a
                      WHERE a.laboratory_id = f.laboratory_id AND a.analyzer_id = f.analyzer_id AND a.test_id = f.test_id AND a.blocks
                        AND a.found_at BETWEEN f.since - interval '1 hour' AND f.since
                        AND (a.closed_at IS NULL OR a.closed_at > f.since)) alarm ON true
  LEFT JOIN LATERAL (SELECT c.began_at FROM control_run c
                      WHERE c.analyzer_id = f.analyzer_id AND c.test_id = f.test_id AND c.is_complete
                        AND c.verdict IN ('accepted', 'warning') AND c.began_at < coalesce(broken.began_at, f.since)
                      ORDER BY c.began_at DESC, c.number DESC LIMIT 1) good ON true
  LEFT JOIN LATERAL (SELECT max(coalesce(g.said_at, g.since)) AS at,
                            max(coalesce(g.said_at, g.since)) FILTER (WHERE NOT g.is_planned) AS unplanned_at
                       FROM release_state g
                      WHERE g.analyzer_id = f.analyzer_id AND g.test_id = f.test_id AND g.qc_state = 'in_control' AND NOT g.is_by_rule
                        AND coalesce(g.said_at, g.since) < coalesce(broken.began_at, f.since)) said ON true
 WHERE f.id = %(failure)s AND f.laboratory_id = %(laboratory)s AND f.qc_state = 'out_of_control';

-- Each test of each analyzer that is controlled at a laboratory, or was stopped: how it stands, its plan, its last runs, what is open; look-ups by index, whatever the history.
WITH pair AS (
    SELECT analyzer_id, test_id FROM control_plan WHERE laboratory_id = %(laboratory)s AND until IS NULL
    UNION
    SELECT analyzer_id, test_id FROM control_violation WHERE laboratory_id = %(laboratory)s AND is_rejection AND closed_at IS NULL
    UNION
    SELECT analyzer_id, test_id FROM monitor_alarm WHERE laboratory_id = %(laboratory)s AND blocks AND closed_at IS NULL
    UNION
    SELECT analyzer_id, test_id FROM release_state WHERE laboratory_id = %(laboratory)s AND until IS NULL AND qc_state = 'out_of_control'
)
SELECT pair.analyzer_id, a.code AS analyzer_code, a.name AS analyzer_name,
       pair.test_id, t.code AS test_code, t.name_en, t.name_ru,
       p.id AS plan_id, p.since AS planned_at, p.every_minutes, p.every_results, CASE WHEN good.id > coalesce(c.run_id, 0) THEN 0 ELSE coalesce(c.results, 0) END AS results_since, p.sigma,
       coalesce(s.qc_state, 'unknown') AS state, coalesce(s.is_by_rule, false) AS is_by_rule, s.since AS state_since, coalesce(s.note, '') AS state_note,
       last.number AS last_number, last.began_at AS last_at, coalesce(last.verdict, '') AS last_verdict, whole.began_at AS complete_at,
       broken.rules AS broken_rules, broken.found_at AS broken_at, alarm.count AS alarms, alarm.found_at AS alarm_at
  FROM pair
  JOIN analyzer a ON a.id = pair.analyzer_id
  JOIN test t ON t.id = pair.test_id
  LEFT JOIN control_plan p ON p.analyzer_id = pair.analyzer_id AND p.test_id = pair.test_id AND p.until IS NULL
  LEFT JOIN control_count c ON c.plan_id = p.id
  LEFT JOIN release_state s ON s.analyzer_id = pair.analyzer_id AND s.test_id = pair.test_id AND s.until IS NULL
  LEFT JOIN LATERAL (SELECT r.number, r.began_at, r.verdict FROM control_run r
                      WHERE r.analyzer_id = pair.analyzer_id AND r.test_id = pair.test_id
                      ORDER BY r.began_at DESC, r.number DESC LIMIT 1) last ON true
  LEFT JOIN LATERAL (SELECT r.began_at FROM control_run r
                      WHERE r.analyzer_id = pair.analyzer_id AND r.test_id = pair.test_id AND r.is_complete AND r.verdict <> 'establishing'
                      ORDER BY r.began_at DESC, r.number DESC LIMIT 1) whole ON true
  LEFT JOIN LATERAL (SELECT r.id FROM control_run r
                      WHERE r.analyzer_id = pair.analyzer_id AND r.test_id = pair.test_id AND r.is_complete AND r.verdict IN ('accepted', 'warning')
                      ORDER BY r.began_at DESC, r.number DESC LIMIT 1) good ON true
  LEFT JOIN LATERAL (SELECT array_agg(DISTINCT v.rule ORDER BY v.rule) AS rules, min(v.found_at) AS found_at FROM control_violation v
                      WHERE v.analyzer_id = pair.analyzer_id AND v.test_id = pair.test_id AND v.is_rejection AND v.closed_at IS NULL) broken ON true
  LEFT JOIN LATERAL (SELECT count(*) AS count, min(m.found_at) AS found_at FROM monitor_alarm m
                      WHERE m.analyzer_id = pair.analyzer_id AND m.test_id = pair.test_id AND m.blocks AND m.closed_at IS NULL) alarm ON true
 ORDER BY t.code, a.code;

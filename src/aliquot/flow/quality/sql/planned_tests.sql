-- Every test that is mapped on an active analyzer of a laboratory: its plan, and how many lots in use have a target for it.
SELECT a.code AS analyzer_code, a.name AS analyzer_name, t.code AS test_code, t.name_en, t.name_ru, p.rules, p.levels, p.every_minutes, p.every_results, p.sigma,
       (SELECT count(*) FROM control_target g JOIN control_lot l ON l.id = g.lot_id AND l.ended_at IS NULL
         WHERE g.analyzer_id = a.id AND g.test_id = t.id AND g.until IS NULL) AS targets
  FROM (SELECT DISTINCT analyzer_id, test_id FROM test_mapping) m
  JOIN analyzer a ON a.id = m.analyzer_id AND a.laboratory_id = %(laboratory)s AND a.is_active
  JOIN test t ON t.id = m.test_id AND t.scale = 'Qn'
  LEFT JOIN control_plan p ON p.analyzer_id = a.id AND p.test_id = t.id AND p.until IS NULL
 ORDER BY a.name, a.code, t.code;

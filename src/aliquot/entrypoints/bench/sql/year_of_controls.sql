-- So many runs of two levels over a year for every test that a plan controls: values about their targets, one run in a hundred rejected.
WITH pairs AS (
    SELECT analyzer_id, test_id, row_number() OVER (ORDER BY analyzer_id, test_id) AS place
      FROM control_plan WHERE laboratory_id = %(hub)s
), material AS (
    INSERT INTO control_material (laboratory_id, name, manufacturer, matrix, is_active) VALUES (%(hub)s, 'Control of a year', '', '', true)
    RETURNING id
), lots AS (
    INSERT INTO control_lot (laboratory_id, material_id, number, level, codes, begun_at)
    SELECT %(hub)s, material.id, 'Y1', level, ARRAY['YEAR-' || level], %(begin)s FROM material, generate_series(1, 2) AS level
    RETURNING id, level
), targets AS (
    INSERT INTO control_target (laboratory_id, lot_id, analyzer_id, test_id, mean, sd, unit, origin, is_floating, runs, since, note, by)
    SELECT %(hub)s, lots.id, analyzer_id, test_id, 100 * lots.level, 3, '', 'established', false, 20, %(begin)s, '', 'system:bench' FROM pairs, lots
    RETURNING id, lot_id, analyzer_id, test_id, mean
), runs AS (
    INSERT INTO control_run (laboratory_id, analyzer_id, test_id, number, began_at, verdict, is_complete)
    SELECT %(hub)s, analyzer_id, test_id, g, %(begin)s::timestamptz + %(step)s::interval * g,
           CASE WHEN mod(g * 7919 + place, 100) = 0 THEN 'rejected' ELSE 'accepted' END, true
      FROM pairs, generate_series(1, %(runs)s) AS g
    RETURNING id, analyzer_id, test_id, began_at, verdict
), broken AS (
    INSERT INTO control_violation (laboratory_id, analyzer_id, test_id, run_id, rule, variant, error, is_rejection, points, found_at,
                                   cause, action, closed_at, closed_by)
    SELECT %(hub)s, analyzer_id, test_id, id, '1-3s', '', 'random', true, '{}', began_at, 'chance', 'measured again', began_at, 'system:bench'
      FROM runs WHERE verdict = 'rejected'
)
INSERT INTO control_result (laboratory_id, analyzer_id, test_id, run_id, lot_id, target_id, value, unit, z, measured_at, recorded_at,
                            reagent_lot, calibrator_lot, is_counted, note, by)
SELECT %(hub)s, r.analyzer_id, r.test_id, r.id, t.lot_id, t.id, round((t.mean + 3 * drawn.z)::numeric, 4), '', round(drawn.z::numeric, 4),
       r.began_at, r.began_at, 'R1', 'C1', true, '', 'system:bench'
  FROM runs r
  JOIN targets t ON t.analyzer_id = r.analyzer_id AND t.test_id = r.test_id
 CROSS JOIN LATERAL (SELECT CASE r.verdict WHEN 'rejected' THEN 3.2 ELSE (random() + random() + random() - 1.5) * 2 END AS z) drawn
RETURNING id;

-- A plan that counts, an in-control state and a monitor in use for every test that is mapped on every analyzer of the hub: how many pairs.
WITH pairs AS (
    SELECT DISTINCT m.analyzer_id, m.test_id, b.low::float8 AS low, b.high::float8 AS high
      FROM test_mapping m
      JOIN analyzer a ON a.id = m.analyzer_id AND a.laboratory_id = %(hub)s
      JOIN (SELECT test_id, min(low) AS low, max(high) AS high FROM bench_plan GROUP BY test_id) b ON b.test_id = m.test_id
), plans AS (
    INSERT INTO control_plan (laboratory_id, analyzer_id, test_id, rules, warnings, levels, run_minutes, every_results, resume, since, note, by)
    SELECT %(hub)s, analyzer_id, test_id, '{1-3s,2-2s,R-4s}', '{1-2s}', 2, 60, 1000000000, 'acted', %(at)s, '', 'system:bench' FROM pairs
    RETURNING id
), counts AS (
    INSERT INTO control_count (plan_id, laboratory_id, results) SELECT id, %(hub)s, 0 FROM plans
), standing AS (
    INSERT INTO release_state (laboratory_id, analyzer_id, test_id, since, qc_state, calibrator_lot, reagent_lot, is_planned, is_by_rule, note, by)
    SELECT %(hub)s, analyzer_id, test_id, %(at)s, 'in_control', '', '', true, true, '', 'system:bench' FROM pairs
), monitors AS (
    INSERT INTO patient_monitor (laboratory_id, analyzer_id, test_id, procedure, settings, inclusion, design, blocks, state, drafted_at,
                                 drafted_by, approved_at, approved_by, retired_by, note)
    SELECT %(hub)s, analyzer_id, test_id, kind ->> 'procedure',
           kind || jsonb_build_object('limits', jsonb_build_array(low - 9 * (high - low), high + 9 * (high - low)), 'start', (low + high) / 2,
                                      'treatment', 'winsorise', 'truncation', jsonb_build_array(low - (high - low), high + (high - low))),
           '{"is_flagged": false}', '{}', true, 'active', %(at)s, 'system:bench', %(at)s, 'system:bench', '', ''
      FROM pairs
     CROSS JOIN LATERAL (SELECT (ARRAY['{"procedure": "moving_average", "block": 50}', '{"procedure": "ewma", "block": 50, "lam": 0.04}',
                                       '{"procedure": "moving_median", "block": 50}', '{"procedure": "bull", "block": 20}'
                                      ]::jsonb[])[1 + mod(test_id, 4)] AS kind) chosen
    RETURNING id
)
INSERT INTO monitor_state (monitor_id, laboratory_id, "values", counted, is_alarmed, in_limits_at, changed_at)
SELECT id, %(hub)s, '{}', 0, false, %(at)s, %(at)s FROM monitors
RETURNING monitor_id;

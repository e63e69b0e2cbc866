-- Where every monitor stood at the end of each block of its share of a year's results, and an answered alarm in two hundred points.
WITH points AS (
    INSERT INTO monitor_point (monitor_id, laboratory_id, at, statistic, counted)
    SELECT m.id, m.laboratory_id, %(begin)s::timestamptz + %(step)s::interval * g, 4.5 + 0.3 * (random() + random() - 1), g * 50
      FROM patient_monitor m, generate_series(1, %(points)s) AS g
     WHERE m.laboratory_id = %(hub)s
    RETURNING monitor_id, at, statistic, counted
)
INSERT INTO monitor_alarm (laboratory_id, monitor_id, analyzer_id, test_id, found_at, statistic, is_high, blocks, cause, action, closed_at, closed_by)
SELECT m.laboratory_id, m.id, m.analyzer_id, m.test_id, p.at, p.statistic, true, true, 'calibration', 'calibrated', p.at, 'system:bench'
  FROM points p JOIN patient_monitor m ON m.id = p.monitor_id
 WHERE mod(p.counted / 50 + m.id, 200) = 0
RETURNING id;

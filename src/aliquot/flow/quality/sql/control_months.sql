-- Counted control values of a test on an analyzer by month of the laboratory's clock and lot: how many, mean and SD beside the target that was in force last.
SELECT to_char(date_trunc('month', c.measured_at AT TIME ZONE %(zone)s), 'YYYY-MM') AS month, l.level, m.name AS material, l.number AS lot, c.lot_id,
       count(*) AS n, avg(c.value) AS mean, stddev_samp(c.value) AS sd,
       (array_agg(t.mean ORDER BY c.measured_at DESC) FILTER (WHERE t.mean IS NOT NULL))[1] AS target_mean,
       (array_agg(t.sd ORDER BY c.measured_at DESC) FILTER (WHERE t.sd IS NOT NULL))[1] AS target_sd,
       count(DISTINCT c.run_id) FILTER (WHERE r.verdict = 'rejected') AS rejected
  FROM control_result c
  JOIN control_run r ON r.id = c.run_id
  JOIN control_lot l ON l.id = c.lot_id
  JOIN control_material m ON m.id = l.material_id
  LEFT JOIN control_target t ON t.id = c.target_id
 WHERE c.analyzer_id = %(analyzer)s AND c.test_id = %(test)s AND c.measured_at >= %(since)s AND c.is_counted
 GROUP BY 1, l.level, m.name, l.number, c.lot_id
 ORDER BY 1 DESC, l.level, c.lot_id;

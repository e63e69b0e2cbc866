-- The means of a month by control lot, level, test and analyzer; values that were set aside do not count.
INSERT INTO lot_mean (month, laboratory_id, test_id, analyzer_id, material, lot, level, unit, n, mean, sd)
SELECT %(month)s::date, min(c.laboratory_id), c.test_id, c.analyzer_id, m.name, l.number, l.level, c.unit, count(*), avg(c.value),
       coalesce(stddev_samp(c.value), 0)
  FROM control_result c
  JOIN control_lot l ON l.id = c.lot_id
  JOIN control_material m ON m.id = l.material_id
 WHERE c.measured_at >= %(since)s::timestamptz AND c.measured_at < %(until)s::timestamptz AND c.is_counted
 GROUP BY c.test_id, c.analyzer_id, m.name, l.number, l.level, c.unit;

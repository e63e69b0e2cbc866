-- Counted control values of a test on an analyzer in a time, oldest first: day of the laboratory, run, level, lot.
SELECT (c.measured_at AT TIME ZONE s.time_zone)::date AS day, r.number AS run, m.name AS material, l.level, l.number AS lot,
       c.measured_at, c.value
  FROM control_result c
  JOIN control_run r ON r.id = c.run_id
  JOIN control_lot l ON l.id = c.lot_id
  JOIN control_material m ON m.id = l.material_id
  JOIN site s ON s.id = c.laboratory_id
 WHERE c.laboratory_id = %(laboratory)s AND c.analyzer_id = %(analyzer)s AND c.test_id = %(test)s
   AND c.measured_at >= %(since)s AND c.measured_at < %(until)s AND c.is_counted
   AND (%(lots)s::text[] IS NULL OR l.number = ANY (%(lots)s::text[]))
 ORDER BY c.measured_at, c.id
 LIMIT %(most)s;

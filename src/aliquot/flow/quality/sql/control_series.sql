-- The newest control values of a test on an analyzer from a time on, oldest first, each with its run, level and target.
SELECT * FROM (
    SELECT c.id, r.id AS run_id, r.number AS run, r.verdict, r.is_complete, l.id AS lot_id, l.number AS lot, l.level, m.name AS material,
           c.target_id, c.value, c.z, c.unit, c.measured_at, c.reagent_lot, c.calibrator_lot, c.is_counted, c.note, c.by
      FROM control_result c
      JOIN control_run r ON r.id = c.run_id
      JOIN control_lot l ON l.id = c.lot_id
      JOIN control_material m ON m.id = l.material_id
     WHERE c.analyzer_id = %(analyzer)s AND c.test_id = %(test)s AND c.measured_at >= %(since)s
     ORDER BY c.measured_at DESC, c.id DESC LIMIT %(most)s) newest
 ORDER BY run, level, id;

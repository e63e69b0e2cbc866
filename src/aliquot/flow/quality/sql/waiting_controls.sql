-- Readings of control material that an analyzer of a laboratory calls so, that mean a test by a number, and became no control result; oldest first.
SELECT r.id AS reading_id, r.laboratory_id, r.analyzer_id, m.test_id, r.number, m.factor, t.unit, r.measured_at, s.received_at
  FROM reading r
  JOIN message s ON s.id = r.message_id
  JOIN test_mapping m ON m.analyzer_id = r.analyzer_id AND m.code = r.code
  JOIN test t ON t.id = m.test_id
 WHERE r.id IN (SELECT w.id FROM reading w
                 WHERE w.laboratory_id = %(laboratory)s AND w.state = 'control' AND w.index = ''
                 ORDER BY w.id DESC LIMIT %(among)s)
   AND r.specimen_code = %(code)s AND t.scale = 'Qn' AND r.number <> '' AND r.value !~ '[<>]'
   AND NOT EXISTS (SELECT 1 FROM control_result c WHERE c.reading_id = r.id)
 ORDER BY coalesce(r.measured_at, s.received_at), r.id;

-- Readings of control material that became no control result, the newest first.
SELECT r.id FROM reading r
 WHERE r.laboratory_id = %(laboratory)s AND r.state = 'control' AND r.index = ''
   AND NOT EXISTS (SELECT 1 FROM control_result c WHERE c.reading_id = r.id)
 ORDER BY r.id DESC LIMIT %(limit)s;

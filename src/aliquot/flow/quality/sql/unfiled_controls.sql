-- Among the newest readings of control material those that became no control result, the newest first; the rest of the history is not looked at.
SELECT r.id
  FROM (SELECT id FROM reading
         WHERE laboratory_id = %(laboratory)s AND state = 'control' AND index = ''
         ORDER BY id DESC LIMIT %(among)s) r
 WHERE NOT EXISTS (SELECT 1 FROM control_result c WHERE c.reading_id = r.id)
 ORDER BY r.id DESC LIMIT %(limit)s;

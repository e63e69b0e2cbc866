-- What an analyzer is to be told or was told, the newest first, each with the last message that said it.
SELECT w.id, s.number AS specimen_code, w.kind, w.codes, w.dilution, w.state, w.attempts, w.detail, w.asked_at,
       w.changed_at, w.by, (SELECT max(m.id) FROM message m WHERE m.request_id = w.id) AS message_id
  FROM (SELECT * FROM work_request WHERE analyzer_id = %(analyzer)s ORDER BY id DESC LIMIT %(limit)s) w
  JOIN specimen s ON s.id = w.specimen_id
 ORDER BY w.id DESC;

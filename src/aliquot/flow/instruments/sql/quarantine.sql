-- Messages and readings of a laboratory that wait for a person, newest first.
SELECT 'message' AS kind, m.id, m.id AS message_id, a.code AS analyzer, m.received_at, '' AS specimen_code, '' AS code,
       '' AS value, '' AS unit, m.problems AS reasons
  FROM (SELECT * FROM message WHERE laboratory_id = %(laboratory)s AND state = 'quarantined'
         ORDER BY received_at DESC LIMIT %(limit)s) m
  JOIN analyzer a ON a.id = m.analyzer_id
UNION ALL
SELECT 'reading', r.id, r.message_id, a.code, m.received_at, r.specimen_code, r.code, r.value, r.unit, r.reason
  FROM (SELECT * FROM reading WHERE laboratory_id = %(laboratory)s AND state = 'quarantined'
         ORDER BY id DESC LIMIT %(limit)s) r
  JOIN message m ON m.id = r.message_id
  JOIN analyzer a ON a.id = r.analyzer_id
 ORDER BY received_at DESC, id DESC
 LIMIT %(limit)s;

-- Every analyzer of a laboratory: when it was last heard, what it sent since a moment, and how much waits.
SELECT a.id, a.code, a.name, a.driver, a.listen_port, a.is_active, a.is_suspended, a.has_qc_plan, b.code AS bench,
       a.transport, a.address, last.received_at AS last_received_at,
       (SELECT count(*) FROM message m
         WHERE m.analyzer_id = a.id AND m.received_at >= %(since)s AND NOT m.is_outgoing) AS messages_since,
       (SELECT count(*) FROM message m WHERE m.analyzer_id = a.id AND m.state = 'received') AS unread,
       (SELECT count(*) FROM message m
         WHERE m.laboratory_id = a.laboratory_id AND m.analyzer_id = a.id AND m.state = 'quarantined')
           AS quarantined_messages,
       (SELECT count(*) FROM reading r
         WHERE r.laboratory_id = a.laboratory_id AND r.analyzer_id = a.id AND r.state = 'quarantined')
           AS quarantined_readings
  FROM analyzer a
  JOIN bench b ON b.id = a.bench_id
  LEFT JOIN LATERAL (
      SELECT m.received_at FROM message m
       WHERE m.analyzer_id = a.id AND NOT m.is_outgoing ORDER BY m.received_at DESC LIMIT 1) last ON true
 WHERE a.laboratory_id = %(laboratory)s
 ORDER BY b.code, a.code;

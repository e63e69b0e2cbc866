-- The last messages of an analyzer that were read or wait for a person, the newest first.
SELECT m.received_at, m.content
  FROM message m
 WHERE m.analyzer_id = %(analyzer)s AND NOT m.is_outgoing AND m.state IN ('filed', 'quarantined', 'received')
 ORDER BY m.received_at DESC
 LIMIT %(limit)s;

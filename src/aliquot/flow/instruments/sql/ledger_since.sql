-- How far the readings got that an analyzer sent since a moment, by what became of them.
SELECT r.stage, r.state, count(*) AS readings
  FROM message m
  JOIN reading r ON r.message_id = m.id
 WHERE m.analyzer_id = %(analyzer)s AND m.received_at >= %(since)s AND NOT m.is_outgoing
 GROUP BY r.stage, r.state;

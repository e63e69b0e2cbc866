-- What became of the readings that an analyzer sent since a moment.
SELECT r.state, count(*)
  FROM message m
  JOIN reading r ON r.message_id = m.id
 WHERE m.analyzer_id = %(analyzer)s AND m.received_at >= %(since)s AND NOT m.is_outgoing
 GROUP BY r.state;

-- Everything that went over the connection of one message, both ways, oldest first.
SELECT m.id, m.is_outgoing, m.received_at, m.connection, m.state, m.problems, m.content
  FROM message one
  JOIN message m ON m.analyzer_id = one.analyzer_id AND m.connection = one.connection
   AND m.received_at BETWEEN one.received_at - interval '1 day' AND one.received_at + interval '1 day'
 WHERE one.id = %(message)s
 ORDER BY m.id
 LIMIT %(limit)s;

-- What went over the connection of one message nearest to it, both ways, oldest first.
SELECT near.id, near.is_outgoing, near.received_at, near.connection, near.state, near.problems, near.content
  FROM (SELECT m.*
          FROM message one
          JOIN message m ON m.analyzer_id = one.analyzer_id AND m.connection = one.connection
           AND m.received_at BETWEEN one.received_at - interval '1 day' AND one.received_at + interval '1 day'
         WHERE one.id = %(message)s
         ORDER BY abs(m.id - one.id)
         LIMIT %(limit)s) near
 ORDER BY near.id;

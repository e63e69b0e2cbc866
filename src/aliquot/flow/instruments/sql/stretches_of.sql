-- The bytes that went over the line around one message: the stretch that carried it, and what followed at once.
SELECT t.began_at, t.content
  FROM (SELECT one.analyzer_id, one.connection, one.received_at,
               coalesce(own.began_at, one.received_at - interval '1 second') AS since
          FROM message one
          LEFT JOIN traffic own ON own.id = one.traffic_id
         WHERE one.id = %(message)s) one
  JOIN traffic t ON t.analyzer_id = one.analyzer_id AND t.connection = one.connection
   AND t.began_at BETWEEN one.since AND one.received_at + interval '30 seconds'
 ORDER BY t.began_at, t.id
 LIMIT %(limit)s;

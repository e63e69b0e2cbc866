-- How many messages an analyzer sent in each hour since a moment, and how many of them wait for a person.
SELECT date_trunc('hour', m.received_at) AS hour, count(*) AS received,
       count(*) FILTER (WHERE m.state = 'quarantined') AS waiting
  FROM message m
 WHERE m.analyzer_id = %(analyzer)s AND m.received_at >= %(since)s AND NOT m.is_outgoing
 GROUP BY 1
 ORDER BY 1;

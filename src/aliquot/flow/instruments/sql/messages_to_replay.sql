-- Messages of an analyzer in a stretch of time that were read, oldest first, after the last one of the page before.
SELECT m.id, m.laboratory_id, m.analyzer_id, a.driver, a.time_zone, m.content, m.received_at, m.state,
       m.problems @> '[{"code": "filed_not_found"}]' AS lost_filed
  FROM (SELECT x.id
          FROM message x
         WHERE x.analyzer_id = %(analyzer)s AND x.received_at >= %(since)s AND x.received_at < %(until)s
           AND NOT x.is_outgoing AND x.state IN ('filed', 'quarantined')
           -- what broke off on the line is no message: a driver must not make one of it
           AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(x.problems) p
                            WHERE p ->> 'code' IN ('incomplete', 'frame_refused')
                               OR (p ->> 'code' = 'unintelligible' AND NOT p ? 'raw'))
           AND (%(after)s::bigint IS NULL OR (x.received_at, x.id) > (
                SELECT y.received_at, y.id FROM message y WHERE y.id = %(after)s))
         ORDER BY x.received_at, x.id
         LIMIT %(limit)s) page
  JOIN message m ON m.id = page.id
  JOIN analyzer a ON a.id = m.analyzer_id
 ORDER BY m.received_at, m.id
   FOR UPDATE OF m;

-- Take the oldest messages that nobody has read and whose driver is not stopped; two workers never take the same, and a rollback gives them back.
SELECT m.id, m.laboratory_id, m.analyzer_id, a.driver, a.time_zone, m.content,
       coalesce((SELECT earlier.digest <> m.digest AND earlier.received_at > m.received_at - interval '1 day'
                   FROM message earlier
                  WHERE m.control_id <> '' AND earlier.analyzer_id = m.analyzer_id
                    AND earlier.control_id = m.control_id AND NOT earlier.is_outgoing AND earlier.id < m.id
                  ORDER BY earlier.id DESC
                  LIMIT 1), false) AS is_number_reused,
       EXISTS (SELECT 1 FROM message earlier
                WHERE earlier.analyzer_id = m.analyzer_id AND earlier.digest = m.digest
                  AND NOT earlier.is_outgoing AND earlier.id < m.id
                  -- what broke off or came without its frame was never read: the same bytes whole repeat nothing
                  AND NOT earlier.problems @> '[{"code": "incomplete"}]'
                  AND NOT earlier.problems @> '[{"code": "unintelligible"}]'
                  AND NOT earlier.problems @> '[{"code": "frame_refused"}]'
                  -- nor what a person put aside: sent again since, it waits for a person again
                  AND earlier.state <> 'dismissed'
                  AND NOT EXISTS (SELECT 1 FROM reading r WHERE r.message_id = earlier.id AND r.state = 'dismissed'))
           AS is_repeated
  FROM message m
  JOIN analyzer a ON a.id = m.analyzer_id
 WHERE m.state = 'received'
   AND NOT EXISTS (SELECT 1 FROM driver_stop d WHERE d.model = a.driver AND d.ended_at IS NULL)
 ORDER BY m.id
 LIMIT %(limit)s
   FOR UPDATE OF m SKIP LOCKED;

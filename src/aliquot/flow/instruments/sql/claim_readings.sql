-- Take readings that a person sent to be matched again, with the message each stands in and the tube it was assigned.
SELECT r.id, r.message_id, r.position, r.is_replayed, coalesce(s.number, '') AS assigned, r.specimen_code, r.code,
       r.value, m.laboratory_id, m.analyzer_id, a.driver, a.time_zone, m.content
  FROM reading r
  JOIN message m ON m.id = r.message_id
  JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN specimen s ON s.id = r.specimen_id
 WHERE r.state = 'received'
   AND NOT EXISTS (SELECT 1 FROM driver_stop d WHERE d.model = a.driver AND d.ended_at IS NULL)
 ORDER BY r.id
 LIMIT %(limit)s
   FOR UPDATE OF r SKIP LOCKED;

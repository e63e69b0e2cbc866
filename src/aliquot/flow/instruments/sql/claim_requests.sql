-- Take what is to be sent to an analyzer, the oldest first; what was begun five minutes ago, or before the process that
-- asks had begun, and never settled, too; nothing while its driver is stopped.
SELECT w.id, w.specimen_id, s.number AS specimen_code, w.kind, w.codes, w.dilution, w.attempts, o.urgency
  FROM work_request w
  JOIN specimen s ON s.id = w.specimen_id
  JOIN lab_order o ON o.id = s.order_id
 WHERE w.analyzer_id = %(analyzer)s
   AND ((w.state = 'queued' AND (w.not_before IS NULL OR w.not_before <= %(at)s))
        OR (w.state = 'sending' AND w.changed_at < greatest(%(at)s - interval '5 minutes', %(since)s::timestamptz)))
   AND NOT EXISTS (SELECT 1 FROM driver_stop d JOIN analyzer a ON a.driver = d.model
                    WHERE a.id = %(analyzer)s AND d.ended_at IS NULL)
 ORDER BY w.id
 LIMIT %(limit)s
   FOR UPDATE OF w SKIP LOCKED;

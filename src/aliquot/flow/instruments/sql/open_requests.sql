-- What analyzers of a laboratory are still to be told: what failed first, then urgent tubes, then the oldest.
SELECT w.id, a.code AS analyzer_code, a.name AS analyzer, s.number AS specimen_code, o.urgency, w.kind, w.codes,
       w.dilution, w.state, w.attempts, w.detail, w.asked_at, w.changed_at, w.by,
       (SELECT max(m.id) FROM message m WHERE m.request_id = w.id) AS message_id
  FROM work_request w
  JOIN analyzer a ON a.id = w.analyzer_id AND a.laboratory_id = %(laboratory)s
  JOIN specimen s ON s.id = w.specimen_id
  JOIN lab_order o ON o.id = s.order_id
 WHERE w.state IN ('noted', 'queued', 'sending', 'refused', 'undelivered')
 ORDER BY w.state NOT IN ('refused', 'undelivered'), o.urgency <> 'S', w.id
 LIMIT %(limit)s;

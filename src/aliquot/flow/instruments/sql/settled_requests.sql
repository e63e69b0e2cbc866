-- What analyzers of a laboratory were told last, the newest first; or the one request that is named.
SELECT w.id, a.code AS analyzer_code, a.name AS analyzer, s.number AS specimen_code, o.urgency, w.kind, w.codes,
       w.dilution, w.state, w.attempts, w.detail, w.asked_at, w.changed_at, w.by,
       (SELECT max(m.id) FROM message m WHERE m.request_id = w.id) AS message_id
  FROM (SELECT *
          FROM work_request
         WHERE laboratory_id = %(laboratory)s
           AND (id = %(request)s OR (%(request)s::bigint IS NULL AND state IN ('sent', 'accepted', 'withdrawn')))
         ORDER BY id DESC
         LIMIT %(limit)s) w
  JOIN analyzer a ON a.id = w.analyzer_id
  JOIN specimen s ON s.id = w.specimen_id
  JOIN lab_order o ON o.id = s.order_id
 ORDER BY w.id DESC;

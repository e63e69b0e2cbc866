-- What an accepted tube still has to be measured for on this analyzer, in the analyzer's own codes.
SELECT p.specimen_code, p.urgency, p.code, coalesce(rerun.dilution, '') AS dilution, p.specimen_type, p.collected_at,
       p.order_number
  FROM (SELECT DISTINCT ON (s.id, st.test_id) s.id, s.number AS specimen_code, o.urgency, m.code,
               y.code AS specimen_type, s.collected_at, o.number AS order_number
          FROM specimen s
          JOIN specimen_type y ON y.id = s.specimen_type_id
          JOIN lab_order o ON o.id = s.order_id AND o.state <> 'cancelled'
          JOIN specimen_test st ON st.specimen_id = s.id AND st.state = 'accepted'
          JOIN order_item i ON i.id = st.order_item_id AND i.state = 'open'
          JOIN test_mapping m ON m.test_id = st.test_id AND m.analyzer_id = %(analyzer)s
         WHERE s.number = ANY(%(numbers)s::text[]) AND s.state = 'accepted' AND s.laboratory_id = %(laboratory)s
         ORDER BY s.id, st.test_id, m.id) p
  LEFT JOIN LATERAL (
       SELECT w.dilution FROM work_request w
        WHERE w.specimen_id = p.id AND w.analyzer_id = %(analyzer)s AND w.kind = 'rerun' AND p.code = ANY(w.codes)
          AND w.state IN ('noted', 'queued', 'sending', 'sent', 'accepted')
        ORDER BY w.id DESC
        LIMIT 1) rerun ON true;

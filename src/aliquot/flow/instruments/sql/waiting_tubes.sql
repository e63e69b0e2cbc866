-- The tubes that still need something of this analyzer which it was not told yet: urgent first, then the longest here.
SELECT s.number
  FROM specimen_test st
  JOIN test_mapping m ON m.test_id = st.test_id AND m.analyzer_id = %(analyzer)s
  JOIN specimen s ON s.id = st.specimen_id AND s.state = 'accepted'
  JOIN lab_order o ON o.id = s.order_id AND o.state <> 'cancelled'
  JOIN order_item i ON i.id = st.order_item_id AND i.state = 'open'
 WHERE st.laboratory_id = %(laboratory)s AND st.state = 'accepted'
   AND (NOT EXISTS (SELECT 1 FROM work_request w
                     WHERE w.specimen_id = s.id AND w.analyzer_id = %(analyzer)s AND m.code = ANY(w.codes)
                       AND w.kind <> 'cancel' AND w.state IN ('sending', 'sent', 'accepted'))
        OR EXISTS (SELECT 1 FROM work_request w
                    WHERE w.specimen_id = s.id AND w.analyzer_id = %(analyzer)s AND m.code = ANY(w.codes)
                      AND w.kind = 'rerun' AND w.state = 'noted'))
 GROUP BY s.id, o.urgency
 ORDER BY o.urgency <> 'S', s.accepted_at, s.id
 LIMIT %(limit)s;

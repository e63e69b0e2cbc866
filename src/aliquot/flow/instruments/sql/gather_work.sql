-- Of these tubes, for each analyzer that is told unasked: what it needs now, what it had, what the analyzer was told.
SELECT s.id AS specimen_id, a.id AS analyzer_id, a.laboratory_id, tests.pending, tests.measured, told.requests
  FROM specimen s
  JOIN lab_order o ON o.id = s.order_id
  JOIN analyzer a ON a.laboratory_id = s.laboratory_id
   AND (a.id = %(analyzer)s OR (%(analyzer)s::bigint IS NULL AND a.is_active AND a.query_policy <> 'answer'))
 CROSS JOIN LATERAL (
       SELECT coalesce(array_agg(one.code) FILTER (
                  WHERE one.test_state = 'accepted' AND one.item_state = 'open'), '{}') AS pending,
              coalesce(array_agg(one.code) FILTER (WHERE one.test_state = 'measured'), '{}') AS measured
         FROM (SELECT DISTINCT ON (st.test_id) m.code, i.state AS item_state,
                      CASE WHEN st.state = 'accepted' AND (s.state <> 'accepted' OR o.state = 'cancelled')
                           THEN 'cancelled' ELSE st.state END AS test_state
                 FROM specimen_test st
                 JOIN order_item i ON i.id = st.order_item_id
                 JOIN test_mapping m ON m.test_id = st.test_id AND m.analyzer_id = a.id
                WHERE st.specimen_id = s.id
                ORDER BY st.test_id, m.id) one) tests
 CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_agg(jsonb_build_object('kind', w.kind, 'state', w.state, 'codes', w.codes) ORDER BY w.id),
                       '[]') AS requests
         FROM work_request w
        WHERE w.specimen_id = s.id AND w.analyzer_id = a.id) told
 WHERE s.id = ANY(%(specimens)s::bigint[])
   AND (tests.pending <> '{}' OR told.requests <> '[]')
 ORDER BY s.id, a.id;

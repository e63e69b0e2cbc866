-- Match a batch of lines with what is ordered on their tubes, and keep them as results.
INSERT INTO bare_result (order_item_id, order_id, specimen_id, patient_id, test_id, value, state, measured_at, collected_at,
                         recorded_at)
SELECT t.order_item_id, s.order_id, s.id, o.patient_id, t.test_id, l.value::numeric, 'recorded', now(), s.collected_at, now()
  FROM (SELECT * FROM bare_line
         WHERE id > %(line)s::bigint AND xmin = pg_current_xact_id()::xid OFFSET 0) l
  JOIN specimen s ON s.number = l.number
  JOIN lab_order o ON o.id = s.order_id
  JOIN (SELECT DISTINCT a.driver, m.code, m.test_id FROM test_mapping m JOIN analyzer a ON a.id = m.analyzer_id) m
    ON m.driver = l.driver AND m.code = l.code
  JOIN specimen_test t ON t.specimen_id = s.id AND t.test_id = m.test_id;

-- What an accepted tube still has to be measured for on this analyzer, in the analyzer's own codes.
SELECT DISTINCT ON (s.id, st.test_id) s.number AS specimen_code, o.urgency, m.code
  FROM specimen s
  JOIN lab_order o ON o.id = s.order_id AND o.state <> 'cancelled'
  JOIN specimen_test st ON st.specimen_id = s.id AND st.state = 'accepted'
  JOIN order_item i ON i.id = st.order_item_id AND i.state = 'open'
  JOIN test_mapping m ON m.test_id = st.test_id AND m.analyzer_id = %(analyzer)s
 WHERE s.number = ANY(%(numbers)s::text[]) AND s.state = 'accepted' AND s.laboratory_id = %(laboratory)s
 ORDER BY s.id, st.test_id, m.id;

-- The tubes with these numbers, a row for each test they serve, with the order's facts; a tube that serves none has one row.
-- The columns are the fields of Asked.
SELECT s.number, s.id AS specimen_id, s.state AS specimen_state, s.laboratory_id, s.ordering_site_id, s.collected_at,
       st.test_id, st.state AS test_state, i.id AS order_item_id, i.state AS item_state,
       o.id AS order_id, o.patient_id, o.urgency, o.state AS order_state
  FROM specimen s
  JOIN lab_order o ON o.id = s.order_id
  LEFT JOIN specimen_test st ON st.specimen_id = s.id
  LEFT JOIN order_item i ON i.id = st.order_item_id
 WHERE s.number = ANY(%(numbers)s::text[]);

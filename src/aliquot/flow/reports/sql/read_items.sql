-- The tests of these orders, with what became of them.
SELECT i.order_id, i.test_id, i.id, i.result_id, i.state, i.state_reason,
       CASE WHEN i.state_facts <> '{}' THEN i.state_facts::text END, i.added_by, i.position, i.panel
  FROM order_item i
 WHERE i.order_id = ANY(%(orders)s::bigint[])
 ORDER BY i.order_id, i.position, i.id;

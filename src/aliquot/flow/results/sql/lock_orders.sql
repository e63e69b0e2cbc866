-- Hold these orders, always in the same order.
SELECT o.id FROM lab_order o WHERE o.id = ANY(%(orders)s::bigint[]) ORDER BY o.id FOR NO KEY UPDATE;

-- Hold these orders, so that two workers never compose the next version of one report together.
SELECT id FROM lab_order WHERE id = ANY(%(orders)s::bigint[]) ORDER BY id FOR UPDATE;

-- The next ids of a first copy, in order.
SELECT id FROM specimen WHERE id > %(after)s::bigint AND id <= %(until)s::bigint ORDER BY id LIMIT %(limit)s;

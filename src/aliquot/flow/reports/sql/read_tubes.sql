-- The numbers of these tubes.
SELECT s.id, s.number FROM specimen s WHERE s.id = ANY(%(ids)s::bigint[]);

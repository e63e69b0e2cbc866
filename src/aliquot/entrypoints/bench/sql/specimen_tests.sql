-- What those tubes serve: measured, or accepted and waiting.
INSERT INTO specimen_test (ordering_site_id, laboratory_id, specimen_id, order_item_id, test_id, state, rejection_note)
SELECT (%(sites)s::bigint[])[1 + mod(g, cardinality(%(sites)s::bigint[]))], %(hub)s,
       %(first_specimen)s + 1 + g / %(kinds)s * %(tubes)s + p.tube, %(first_item)s + 1 + g / %(kinds)s * %(items)s + p.item,
       p.test_id, CASE WHEN %(is_past)s THEN 'measured' ELSE 'accepted' END, ''
  FROM generate_series(0::bigint, %(count)s - 1) AS g
  JOIN bench_plan p ON p.kind = mod(g, %(kinds)s);

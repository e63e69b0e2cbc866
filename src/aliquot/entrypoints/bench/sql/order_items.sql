-- The tests of those orders.
INSERT INTO order_item (id, ordering_site_id, laboratory_id, order_id, test_id, panel, position, state, state_reason,
                        result_id)
SELECT %(first_item)s + 1 + g / %(kinds)s * %(items)s + p.item,
       (%(sites)s::bigint[])[1 + mod(g, cardinality(%(sites)s::bigint[]))], %(hub)s, %(first_order)s + 1 + g, p.test_id, '',
       p.position, CASE WHEN %(is_past)s THEN 'reported' ELSE 'open' END, '',
       CASE WHEN %(is_past)s THEN month_begins(%(begin)s + %(step)s * g + interval '2 hours') + %(first_result)s
                                  + 1 + g / %(kinds)s * %(items)s + p.item END
  FROM generate_series(0::bigint, %(count)s - 1) AS g
  JOIN bench_plan p ON p.kind = mod(g, %(kinds)s);

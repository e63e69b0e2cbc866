-- Propose what rules add to orders: once for each order and rule, only what the order lacks, never for a cancelled order,
-- and not deeper than the bound below an ordered test.
INSERT INTO add_on (ordering_site_id, laboratory_id, order_id, rule, result_id, tests, is_billed, depth, state, note,
                    asked_at, decided_by)
SELECT o.ordering_site_id, o.laboratory_id, o.id, given.rule, given.result_id, lacking.tests, given.is_billed,
       above.depth + 1, 'proposed', '', %(at)s, ''
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
           order_id bigint, order_item_id bigint, rule text, result_id bigint, tests text[], is_billed boolean)
  JOIN lab_order o ON o.id = given.order_id AND o.state <> 'cancelled'
 CROSS JOIN LATERAL (
       SELECT coalesce(max(a.depth), 0) AS depth
         FROM order_item i LEFT JOIN add_on a ON a.order_id = i.order_id AND a.rule = i.added_by AND i.added_by <> ''
        WHERE i.id = given.order_item_id) above
 CROSS JOIN LATERAL (
       SELECT array_agg(wanted.code ORDER BY wanted.place) AS tests
         FROM unnest(given.tests) WITH ORDINALITY AS wanted (code, place)
        WHERE NOT EXISTS (SELECT 1 FROM order_item j JOIN test t ON t.id = j.test_id
                           WHERE j.order_id = o.id AND t.code = wanted.code)) lacking
 WHERE lacking.tests IS NOT NULL AND above.depth < %(deepest)s
 ORDER BY given.order_id, given.rule
    ON CONFLICT (order_id, rule) WHERE rule <> '' DO NOTHING
RETURNING id, rule, order_id;

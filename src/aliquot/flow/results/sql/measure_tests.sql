-- The tubes' tests that were measured are measured: the analyzer is not asked for them again.
-- Found one by one first: by its guess of how few are accepted, the planner was seen to compare all with all.
UPDATE specimen_test
   SET state = 'measured'
 WHERE id = ANY(ARRAY(
       SELECT found.id
         FROM unnest(%(specimens)s::bigint[], %(tests)s::bigint[], %(items)s::bigint[]) AS measured (specimen, test, item)
        CROSS JOIN LATERAL (
              SELECT t.id
                FROM specimen_test t
               WHERE t.specimen_id = measured.specimen AND t.test_id = measured.test
                 AND t.order_item_id = measured.item OFFSET 0) found))
   AND state = 'accepted';

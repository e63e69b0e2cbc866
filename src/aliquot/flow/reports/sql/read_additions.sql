-- Which rule or person added each of these tests to its order, and why.
SELECT DISTINCT ON (i.id)
       i.id, json_build_object('rule', a.rule, 'reason', a.reason, 'by_en', who.name_en, 'by_ru', who.name_ru)::text
  FROM order_item i
  JOIN test t ON t.id = i.test_id
  JOIN add_on a ON a.order_id = i.order_id AND a.state = 'added' AND t.code = ANY(a.tests)
   AND i.added_by = CASE WHEN a.rule = '' THEN a.asked_by ELSE a.rule END
  LEFT JOIN person who
    ON who.id = CASE WHEN a.decided_by LIKE 'person:%%' THEN split_part(a.decided_by, ':', 2)::bigint END
 WHERE i.id = ANY(%(keys)s::bigint[])
 ORDER BY i.id, a.id;

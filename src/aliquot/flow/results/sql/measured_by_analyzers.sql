-- Which analyzer measured which tube and test, of these results; what was typed by hand is left out.
SELECT r.analyzer_id, r.specimen_id, r.test_id
  FROM result r
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[])
   AND r.analyzer_id IS NOT NULL;

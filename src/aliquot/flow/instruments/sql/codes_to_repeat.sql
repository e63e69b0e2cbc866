-- What these tests are called by the analyzers that measured them, and whether those are told unasked.
SELECT given.specimen_id, a.id, a.laboratory_id, a.query_policy, m.code
  FROM (SELECT DISTINCT * FROM unnest(%(analyzers)s::bigint[], %(specimens)s::bigint[], %(tests)s::bigint[])
            AS x (analyzer_id, specimen_id, test_id)) given
  JOIN analyzer a ON a.id = given.analyzer_id
 CROSS JOIN LATERAL (
       SELECT x.code FROM test_mapping x
        WHERE x.analyzer_id = a.id AND x.test_id = given.test_id ORDER BY x.id LIMIT 1) m
 ORDER BY given.specimen_id, a.id, m.code;

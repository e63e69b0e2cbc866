-- Values of one test around an interval, thinned to a share of them: what the picture draws.
SELECT r.measured_at, r.value
  FROM result r
 WHERE r.laboratory_id = %(laboratory)s AND r.id >= results_since(%(since)s)
   AND r.measured_at >= %(since)s AND r.measured_at < %(until)s AND r.test_id = %(test)s
   AND (%(analyzer)s::bigint IS NULL OR r.analyzer_id = %(analyzer)s)
   AND r.value IS NOT NULL AND r.comparator = '' AND r.state <> 'superseded'
   AND r.id %% %(share)s = 0
 ORDER BY r.measured_at
 LIMIT %(limit)s;

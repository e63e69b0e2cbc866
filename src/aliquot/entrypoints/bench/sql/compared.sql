-- The share of the newest results, of a sample of them, that had an earlier released value of the same patient to compare with.
SELECT avg((EXISTS (SELECT FROM result e
                     WHERE e.patient_id = r.patient_id AND e.test_id = r.test_id AND e.collected_at < r.collected_at
                       AND e.collected_at >= r.collected_at - interval '92 days' AND e.state = 'released'))::integer)
  FROM (SELECT * FROM result ORDER BY id DESC LIMIT least(%(results)s, 2000)) r;

-- What was found in it: the device, the tube and test as sent, the value, its fate, its reason, its results.
SELECT a.code, r.specimen_code, r.code, r.value, r.state, coalesce(r.reason -> 0 ->> 'code', ''), coalesce(f.results, 0)
  FROM reading r
  JOIN analyzer a ON a.id = r.analyzer_id
  LEFT JOIN (SELECT reading_id, count(*) AS results FROM result GROUP BY reading_id) f ON f.reading_id = r.id;

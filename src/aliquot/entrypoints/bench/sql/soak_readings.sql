-- What was found in it: the device, the tube and test as sent, the value, its fate, its reason, its results.
SELECT a.code, r.specimen_code, r.code, r.value, r.state, coalesce(r.reason -> 0 ->> 'code', ''),
       (SELECT count(*) FROM result f WHERE f.reading_id = r.id)
  FROM reading r
  JOIN analyzer a ON a.id = r.analyzer_id;

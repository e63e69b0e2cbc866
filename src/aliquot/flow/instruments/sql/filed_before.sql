-- What is filed of these tubes already.
SELECT specimen_id, test_id, index, analyzer_id, value, measured_at
  FROM reading
 WHERE state = 'filed' AND specimen_id = ANY(%(specimens)s::bigint[]);

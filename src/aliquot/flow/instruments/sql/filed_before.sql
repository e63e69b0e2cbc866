-- What is filed of these tubes already; in two halves, for each has an index of its own.
SELECT specimen_id, test_id, index, analyzer_id, value, measured_at
  FROM reading
 WHERE state = 'filed' AND NOT is_replayed AND specimen_id = ANY(%(specimens)s::bigint[])
UNION ALL
SELECT specimen_id, test_id, index, analyzer_id, value, measured_at
  FROM reading
 WHERE state = 'filed' AND is_replayed AND specimen_id = ANY(%(specimens)s::bigint[]);

-- What a policy asks about critical results: who ordered, and the last that was told of the same test and side.
SELECT r.id AS result_id, s.code AS site, s.kind, told.id AS told_call, told.value AS told_value, told.closed_at AS told_at
  FROM result r
  JOIN site s ON s.id = r.ordering_site_id
  LEFT JOIN LATERAL (
       SELECT c.id, c.value, c.closed_at
         FROM critical_call c
        WHERE c.patient_id = r.patient_id AND c.test_id = r.test_id AND c.state = 'closed' AND c.kind = 'value'
          AND c.closed_at <= %(at)s AND c.flag = r.flag AND c.unit = r.unit AND c.comparator = ''
          AND NOT EXISTS (SELECT 1 FROM critical_call w WHERE w.result_id = c.result_id AND w.kind = 'withdrawal')
        ORDER BY c.closed_at DESC
        LIMIT 1) told ON true
 WHERE r.id = ANY(%(ids)s::bigint[]) AND r.id BETWEEN least_of(%(ids)s::bigint[]) AND greatest_of(%(ids)s::bigint[]);

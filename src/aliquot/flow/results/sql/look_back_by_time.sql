-- What was measured in any of these windows (a null analyzer or test: any) and may still be held or recalled.
-- The interval is one of the statement: the blocks of a month outside of it are not read (result_measured). What the
-- analyzer gave no time is looked for by when it came.
SELECT r.id, r.order_id, r.ordering_site_id, r.state, r.test_id, r.analyzer_id, r.measured_at, r.value, r.flag
  FROM result r
 WHERE r.laboratory_id = %(laboratory)s AND r.id >= results_since(%(since)s)
   AND ((r.measured_at >= %(since)s AND r.measured_at < %(until)s)
        OR (r.measured_at IS NULL AND r.recorded_at >= %(since)s AND r.recorded_at < %(until)s))
   AND (%(any_analyzer)s OR r.analyzer_id = ANY(%(analyzers)s::bigint[]))
   AND (%(any_test)s OR r.test_id = ANY(%(tests)s::bigint[]))
   AND r.state IN ('recorded', 'held', 'released')
   AND EXISTS (SELECT FROM unnest(%(analyzers)s::bigint[], %(tests)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])
                        AS w (analyzer, test, since, until)
                WHERE (w.analyzer IS NULL OR w.analyzer = r.analyzer_id) AND (w.test IS NULL OR w.test = r.test_id)
                  AND coalesce(r.measured_at, r.recorded_at) >= w.since AND coalesce(r.measured_at, r.recorded_at) < w.until)
 ORDER BY r.measured_at, r.id
 LIMIT %(limit)s;

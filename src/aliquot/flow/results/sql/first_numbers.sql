-- First measurements of a test on an analyzer that gave a number, the newest first: of a time without known errors, so without what was recalled or
-- withdrawn and what was measured while the test was out of control there. Columns in the order that numbers_of reads.
SELECT (r.measured_at AT TIME ZONE l.time_zone)::date, r.value::double precision, o.ward, r.urgency,
       (coalesce(r.collected_at, r.recorded_at) AT TIME ZONE l.time_zone)::date - p.birth_date, r.analyzer_flags
  FROM result r
  JOIN site l ON l.id = r.laboratory_id
  JOIN lab_order o ON o.id = r.order_id
  LEFT JOIN patient p ON p.id = r.patient_id
 WHERE r.laboratory_id = %(laboratory)s
   AND r.id >= results_since(%(since)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
   AND r.measured_at >= %(since)s AND r.measured_at < %(until)s
   AND r.analyzer_id = %(analyzer)s AND r.test_id = %(test)s
   AND r.run = 1 AND r.version = 1 AND r.value IS NOT NULL AND r.comparator = '' AND r.state NOT IN ('recalled', 'withdrawn')
   AND NOT EXISTS (SELECT FROM release_state q
                    WHERE q.analyzer_id = %(analyzer)s AND q.test_id = %(test)s AND q.qc_state = 'out_of_control'
                      AND r.measured_at >= q.since AND (q.until IS NULL OR r.measured_at < q.until))
 ORDER BY r.measured_at DESC, r.id DESC
 LIMIT %(limit)s;

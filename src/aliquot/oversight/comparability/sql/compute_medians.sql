-- The medians of a month by test and analyzer: first values of adults, ordered as routine and without a ward.
INSERT INTO patient_median (month, laboratory_id, test_id, analyzer_id, n, median, low_quartile, high_quartile)
SELECT %(month)s::date, r.laboratory_id, r.test_id, r.analyzer_id, count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY r.value), percentile_cont(0.25) WITHIN GROUP (ORDER BY r.value),
       percentile_cont(0.75) WITHIN GROUP (ORDER BY r.value)
  FROM result r
  JOIN lab_order o ON o.id = r.order_id AND o.urgency = 'R' AND o.ward = ''
  JOIN patient p ON p.id = r.patient_id AND p.birth_date <= %(born_until)s::date
 WHERE r.id >= results_since(%(since)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
   AND r.measured_at >= %(since)s::timestamptz AND r.measured_at < %(until)s::timestamptz
   AND r.analyzer_id IS NOT NULL AND r.value IS NOT NULL AND r.comparator = '' AND r.run = 1 AND r.version = 1
   -- an amended value turned out wrong: it says nothing of how analyzers agree
   AND r.state = 'released'
 GROUP BY r.laboratory_id, r.test_id, r.analyzer_id;

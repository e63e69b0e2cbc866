-- Count the tests that measured patients on one day: those without a control of that day, and without assessment in the time before.
WITH measured AS MATERIALIZED (
    SELECT r.test_id, r.analyzer_id, min(r.measured_at) AS at
      FROM result r
     WHERE r.laboratory_id = %(laboratory)s::bigint AND r.analyzer_id IS NOT NULL
       AND r.id >= results_since(%(since)s::timestamptz) AND r.id < month_begins(%(until)s::timestamptz + interval '32 days')
       AND r.measured_at >= %(since)s::timestamptz AND r.measured_at < %(until)s::timestamptz
     GROUP BY r.test_id, r.analyzer_id),
counted AS MATERIALIZED (
    SELECT 'Intra-IQC' AS code, m.at, a.code || ', ' || t.code AS label,
           NOT EXISTS (SELECT FROM control_result c
                        WHERE c.analyzer_id = m.analyzer_id AND c.test_id = m.test_id AND c.is_counted
                          AND c.measured_at >= %(since)s::timestamptz AND c.measured_at < %(until)s::timestamptz) AS is_found
      FROM measured m
      JOIN analyzer a ON a.id = m.analyzer_id
      JOIN test t ON t.id = m.test_id
    UNION ALL
    SELECT 'Intra-EQA', m.at, t.code,
           NOT EXISTS (SELECT FROM eqa_score s
                        WHERE s.laboratory_id = %(laboratory)s::bigint AND s.test_id = t.id AND s.signal <> 'missing'
                          AND s.at >= %(until)s::timestamptz - make_interval(days => %(assessed_days)s::integer) AND s.at < %(until)s::timestamptz)
      FROM (SELECT test_id, min(at) AS at FROM measured GROUP BY test_id) m
      JOIN test t ON t.id = m.test_id),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, code, at, label FROM counted WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, code, count(*) FILTER (WHERE is_found), count(*)
  FROM counted GROUP BY code;

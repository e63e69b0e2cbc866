-- Count the control lots measured on one day whose CV is known, of tests with a target, and keep each with a CV above it.
WITH target AS MATERIALIZED (
    SELECT t.id AS test_id, t.code, l.allowed
      FROM unnest(%(tests)s::bigint[], %(allowed)s::numeric[]) AS l (id, allowed) JOIN test t ON t.id = l.id),
lot AS MATERIALIZED (
    SELECT c.analyzer_id, c.test_id, c.lot_id, c.unit, min(c.measured_at) AS at
      FROM analyzer a
      JOIN target g ON true
      JOIN control_result c ON c.analyzer_id = a.id AND c.test_id = g.test_id
     WHERE a.laboratory_id = %(laboratory)s::bigint AND c.is_counted
       AND c.measured_at >= %(since)s::timestamptz AND c.measured_at < %(until)s::timestamptz
     GROUP BY c.analyzer_id, c.test_id, c.lot_id, c.unit),
spread AS MATERIALIZED (
    SELECT l.*, v.cv
      FROM lot l
     CROSS JOIN LATERAL (
           SELECT count(*) AS n, 100 * stddev_samp(c.value) / nullif(abs(avg(c.value)), 0) AS cv
             FROM control_result c
            WHERE c.analyzer_id = l.analyzer_id AND c.test_id = l.test_id AND c.lot_id = l.lot_id AND c.unit = l.unit AND c.is_counted
              AND c.measured_at >= %(until)s::timestamptz - make_interval(days => %(control_days)s::integer)
              AND c.measured_at < %(until)s::timestamptz) v
     WHERE v.n >= %(control_values)s::integer AND v.cv IS NOT NULL),
counted AS MATERIALIZED (
    SELECT s.at, a.code || ', ' || g.code || ', ' || o.number || ' ' || o.level || ': ' || round(s.cv, 1) || ' %%' AS label,
           s.cv > g.allowed AS is_found
      FROM spread s
      JOIN target g ON g.test_id = s.test_id
      JOIN analyzer a ON a.id = s.analyzer_id
      JOIN control_lot o ON o.id = s.lot_id),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, 'Intra-Var', at, label FROM counted WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, %(laboratory)s::bigint, 'Intra-Var', count(*) FILTER (WHERE is_found), count(*)
  FROM counted HAVING count(*) > 0;

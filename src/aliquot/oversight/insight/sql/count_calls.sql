-- Count the critical values of one day that were or should have been told by now, by site, and keep each told late.
WITH told AS MATERIALIZED (
    SELECT CASE c.ward WHEN '' THEN 'Post-OutCV' ELSE 'Post-InpCV' END AS code, c.ordering_site_id, c.order_id, r.specimen_id,
           c.opened_at AS at, t.code AS label, coalesce(c.closed_at, %(at)s::timestamptz) > c.due_at AS is_found
      FROM critical_call c
      JOIN test t ON t.id = c.test_id
      LEFT JOIN result r ON r.id = c.result_id
     WHERE c.laboratory_id = %(laboratory)s::bigint AND c.kind = 'value' AND c.state IN ('open', 'closed')
       AND c.opened_at >= %(since)s::timestamptz AND c.opened_at < %(until)s::timestamptz),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, specimen_id, order_id, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, code, specimen_id, order_id, at, label
      FROM told WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, code, count(*) FILTER (WHERE is_found), count(*)
  FROM told GROUP BY ordering_site_id, code;

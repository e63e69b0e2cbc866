-- Count the values on the complete reports of one day, by site, and keep each that a corrected report of that day amends or withdraws.
WITH issued AS MATERIALIZED (
    SELECT r.id, r.ordering_site_id, r.order_id, r.released_at AS at, r.kind, r.version
      FROM report r
     WHERE r.ordering_site_id = ANY (%(sites)s::bigint[]) AND r.laboratory_id = %(laboratory)s::bigint AND r.kind IN ('final', 'corrected')
       AND r.released_at >= %(since)s::timestamptz AND r.released_at < %(until)s::timestamptz),
told AS (
    SELECT i.ordering_site_id, count(*) AS n
      FROM issued i JOIN order_item n ON n.order_id = i.order_id AND n.result_id IS NOT NULL
     WHERE i.kind = 'final'
     GROUP BY i.ordering_site_id),
wrong AS MATERIALIZED (
    SELECT i.ordering_site_id, i.order_id, x.specimen_id, t.code AS label, i.at
      FROM issued i
      JOIN lab_order o ON o.id = i.order_id
      JOIN report b ON b.order_id = i.order_id AND b.version = i.version - 1
     CROSS JOIN LATERAL (
           SELECT r.specimen_id, r.test_id
             FROM result r
            WHERE r.order_id = i.order_id AND r.id >= results_since(o.placed_at) AND r.id < month_begins(i.at + interval '32 days')
              AND ((r.version > 1 AND r.released_at > b.released_at AND r.released_at <= i.at)
                   OR (r.state = 'withdrawn' AND r.decided_at > b.released_at AND r.decided_at <= i.at))) x
      JOIN test t ON t.id = x.test_id
     WHERE i.kind = 'corrected'),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, specimen_id, order_id, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, 'Out-InacR', specimen_id, order_id, at, label FROM wrong),
cases AS (SELECT ordering_site_id, count(*) AS n FROM wrong GROUP BY ordering_site_id)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, 'Out-InacR', coalesce(c.n, 0), coalesce(t.n, 0)
  FROM told t FULL JOIN cases c USING (ordering_site_id);

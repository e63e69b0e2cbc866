-- Count the tubes whose haemolysis was measured on one day, by site, and keep each above the limit.
WITH tube AS MATERIALIZED (
    SELECT s.id, s.ordering_site_id, s.order_id, min(i.measured_at) AS at, bool_or(i.level > %(limit)s::numeric) AS is_found
      FROM specimen_index i JOIN specimen s ON s.id = i.specimen_id
     WHERE i.measured_at >= %(since)s::timestamptz AND i.measured_at < %(until)s::timestamptz
       AND i.laboratory_id = %(laboratory)s::bigint AND i.index = 'H' AND i.unit = 'g/L'
     GROUP BY s.id),
kept AS (
    INSERT INTO indicator_case (day, laboratory_id, ordering_site_id, code, specimen_id, order_id, at, label)
    SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, 'Pre-HemI', id, order_id, at, '' FROM tube WHERE is_found)
INSERT INTO indicator_day (day, laboratory_id, ordering_site_id, code, numerator, denominator)
SELECT %(day)s::date, %(laboratory)s::bigint, ordering_site_id, 'Pre-HemI', count(*) FILTER (WHERE is_found), count(*)
  FROM tube GROUP BY ordering_site_id;

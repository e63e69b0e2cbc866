-- What stands behind the figures of a year: one case for each that counted, and the slowest tubes of each day, site and leg.
WITH made AS (
    INSERT INTO indicator_case (laboratory_id, ordering_site_id, day, code, specimen_id, order_id, at, minutes, label)
    SELECT laboratory_id, ordering_site_id, day, code, NULL::bigint, NULL::bigint, day::timestamptz, NULL::integer, ''
      FROM indicator_day CROSS JOIN LATERAL generate_series(1, numerator)
     WHERE laboratory_id = %(hub)s
    UNION ALL
    SELECT laboratory_id, ordering_site_id, day, 'time:' || leg, NULL, NULL, day::timestamptz, 600 - place, ''
      FROM (SELECT DISTINCT laboratory_id, ordering_site_id, day, leg FROM leg_day WHERE laboratory_id = %(hub)s) legs
     CROSS JOIN generate_series(1, 5) AS place
    RETURNING 1
)
SELECT count(*) FROM made;

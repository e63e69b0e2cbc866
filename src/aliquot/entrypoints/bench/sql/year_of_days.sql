-- The counted figures of a year: for every day, site that orders, and indicator, how many of how many.
WITH made AS (
    INSERT INTO indicator_day (laboratory_id, ordering_site_id, day, code, numerator, denominator)
    SELECT %(hub)s, site.id, d::date, one.code, floor(random() * random() * 4)::integer, 100 + mod(site.id * 37 + extract(doy FROM d)::bigint, 300)
      FROM generate_series(%(begin)s::timestamptz, %(end)s::timestamptz, interval '1 day') AS d,
           unnest(%(codes)s::text[]) AS one(code),
           site
     WHERE site.laboratory_id = %(hub)s
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM made;
